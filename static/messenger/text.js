/** A message's text as nodes: addresses become links, a lone emoji is large, everything else stays text. */
import { h, safeLink, safeUrl } from "./dom.js";

const LINK = /\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/gi;
const TRAILING = /[.,;:!?\]}»”’]+$/; // belongs to the sentence, not to the address
const LONE = /^(?:\p{RI}\p{RI}|[\p{Emoji_Presentation}\p{Extended_Pictographic}][\p{Emoji_Modifier}\uFE0F]?(?:\u200D\p{Emoji}[\p{Emoji_Modifier}\uFE0F]?)*){1,3}$/u;

/** Nodes and strings for a text. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const word = trimmed(match[0]);
    const href = word.includes("://") ? safeUrl(word) : `mailto:${word}`;
    if (!href) continue;
    nodes.push(text.slice(end, match.index), link(href, word));
    end = match.index + word.length;
  }
  return [...nodes, text.slice(end)];
}

/** A link out of the messenger. */
export function link(href, ...inside) {
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, inside);
}

/** A card's link out, or null. */
export function linkTo(action) {
  const href = action?.type === "Link" ? safeLink(action.url) : null;
  return href ? link(href, action.text || action.url) : null;
}

/** Is it one to three emoji and nothing else? */
export function isLoneEmoji(text) {
  return text.length < 40 && LONE.test(text.trim());
}

/** Without the sentence's own punctuation; a closing bracket stays if the address opened one. */
function trimmed(word) {
  const bare = word.replace(TRAILING, "");
  return bare.endsWith(")") && !bare.includes("(") ? trimmed(bare.slice(0, -1)) : bare;
}

/** A message's text as its bubble, or null. */
export function bubble({ text, mine }, { markdown }) {
  if (!text) return null;
  if (isLoneEmoji(text)) return h("p", { class: "emoji" }, text);
  if (markdown && !mine) return h("div", { class: "bubble md", dir: "auto" }, markdown(text));
  return h("p", { class: "bubble", dir: "auto" }, linked(text));
}
