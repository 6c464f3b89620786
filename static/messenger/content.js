/** The inside of a message: text with links, files, quick replies, cards. What isn't known shows as its text. */
import { fileSize, h, icon, safeUrl } from "./dom.js";

const LINK = /\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/gi;
const TRAILING = /[.,;:!?\]}»”’]+$/; // belongs to the sentence, not to the address

/** Text as nodes: addresses become links, everything else stays text. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const word = trimmed(match[0]);
    const href = word.includes("://") ? safeUrl(word) : `mailto:${word}`;
    if (!href) continue;
    nodes.push(text.slice(end, match.index), h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, word));
    end = match.index + word.length;
  }
  return [...nodes, text.slice(end)];
}

/** Without the sentence's own punctuation; a closing bracket stays if the address opened one. */
function trimmed(word) {
  const bare = word.replace(TRAILING, "");
  return bare.endsWith(")") && !bare.includes("(") ? trimmed(bare.slice(0, -1)) : bare;
}

/** The parts of a message below its text. `act(button, originatingMessageId)` answers. */
export function contentNodes(item, act, { t, locale }) {
  const { message, answered } = item;
  const files = message.content.filter((part) => part.attachment).map((part) => fileNode(part.attachment, locale, t));
  const cards = message.content.flatMap((part) => part.carousel?.cards ?? (part.card ? [part.card] : []));
  const replies = message.content.flatMap((part) => part.quickReplyV2?.actions ?? (part.quickReply ? [part.quickReply] : []));
  return {
    files,
    below: message.mine ? [] : [
      cards.length > 0 && cardsNode(cards, message, act, t),
      replies.length > 0 && repliesNode(replies, answered, act, t),
    ],
  };
}

function fileNode(file, locale, t) {
  const href = file.url ? safeUrl(file.url) : null;
  const name = file.filename || t("file");
  const props = { href, target: "_blank", rel: "noopener", download: null };
  const tag = href ? "a" : "span";
  if (href && (file.mediaType === "Image" || /^image\/(png|jpeg|gif|webp)$/.test(file.mime ?? ""))) {
    const image = h("img", { src: href, alt: file.text || name, loading: "lazy", decoding: "async" });
    return h("a", { ...props, class: "photo", "aria-label": t("openPhoto", { name }) }, image);
  }
  const size = file.fileSize ? h("small", { class: "num" }, fileSize(file.fileSize, locale)) : null;
  return h(tag, { ...props, class: "file" }, icon("file", ""), h("span", {}, h("b", {}, h("bdi", {}, name)), size));
}

function repliesNode(replies, answered, act, t) {
  const open = answered === null;
  const pills = replies.map((reply) => {
    const on = answered === reply.text;
    const press = () => act({ text: reply.text, payload: reply.payload });
    const picked = on ? [icon("check"), h("span", { class: "sr" }, t("picked"))] : null;
    return h("button", { class: on ? "pill on" : "pill", type: "button", disabled: !open, onclick: press }, picked, reply.text);
  });
  return h("div", { class: open ? "pills" : "pills picked", role: "group", "aria-label": t("answers") }, pills);
}

function cardsNode(cards, message, act, t) {
  const list = h("ul", { class: "cards", tabindex: "0", "aria-label": t("cards") }, cards.map((card) => cardNode(card, message, act)));
  if (cards.length === 1) return h("div", { class: "carousel" }, list);
  const turn = (direction) => () => {
    const along = getComputedStyle(list).direction === "rtl" ? -1 : 1;
    list.scrollBy({ left: direction * along * list.firstChild.offsetWidth, behavior: "smooth" });
  };
  const button = (name, label, direction) =>
    h("button", { class: "btn icon-only", type: "button", "aria-label": label, onclick: turn(direction) }, icon(name, "sm flip"));
  const turns = h("div", { class: "turn" }, h("small", { class: "num" }, t("cardCount", { count: cards.length })),
    button("left", t("previousCard"), -1), button("right", t("nextCard"), 1));
  return h("div", { class: "carousel", role: "group", "aria-label": t("cards") }, list, turns);
}

function cardNode(card, message, act) {
  const image = card.image ? safeUrl(card.image) : null;
  const actions = (card.actions ?? []).map((action) => {
    const href = action.type === "Link" ? safeUrl(action.url ?? "") : null;
    if (href) return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, action.text);
    return h("button", { type: "button", onclick: () => act(action, message.id) }, action.text);
  });
  return h("li", { class: "card" },
    image && h("img", { class: "pic", src: image, alt: "", loading: "lazy" }),
    h("div", { class: "card-text", dir: "auto" }, h("b", {}, card.title ?? ""), card.description && h("span", {}, card.description)),
    actions);
}
