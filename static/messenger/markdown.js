/**
 * A small Markdown for messages: bold, italic, strike, code, links, lists, quotes. It builds nodes, never markup; what
 * it doesn't know stays text as it was written.
 */
import { h } from "./dom.js";
import { safeLink } from "./extras.js";
import { link, linked } from "./words.js";

const INLINE = [
  [/`([^`\n]+)`/, (match) => h("code", {}, match[1])],
  [/\[([^\]\n]+)\]\((\S+?)\)/, (match) => anchor(match)],
  [/\*\*(?=\S)(.+?)(?<=\S)\*\*/, (match) => h("strong", {}, inline(match[1]))],
  [/__(?=\S)(.+?)(?<=\S)__/, (match) => h("strong", {}, inline(match[1]))],
  [/~~(?=\S)(.+?)(?<=\S)~~/, (match) => h("s", {}, inline(match[1]))],
  [/\*(?=[^\s*])([^*\n]+?)(?<=\S)\*/, (match) => h("em", {}, inline(match[1]))],
  [/(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)/, (match) => h("em", {}, inline(match[1]))],
];
const BULLET = /^\s{0,3}[-*+]\s+(.*)$/;
const NUMBER = /^\s{0,3}(\d{1,9})[.)]\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;
const FENCE = /^```/;

/** A text as block nodes: paragraphs, lists, quotes and code. */
export function markdown(text) {
  const lines = text.split("\n");
  const blocks = [];
  while (lines.length) blocks.push(block(lines));
  return blocks.filter(Boolean);
}

/** Takes the next block's lines off the front. */
function block(lines) {
  const line = lines[0];
  if (!line.trim()) {
    lines.shift();
    return null;
  }
  if (FENCE.test(line)) return fence(lines);
  if (BULLET.test(line)) return h("ul", {}, run(lines, BULLET).map((match) => h("li", {}, inline(match[1]))));
  if (NUMBER.test(line)) return numbered(run(lines, NUMBER));
  if (QUOTE.test(line)) return h("blockquote", {}, markdown(run(lines, QUOTE).map((match) => match[1]).join("\n")));
  return h("p", {}, inline(paragraph(lines)));
}

function numbered(matches) {
  return h("ol", { start: matches[0][1] }, matches.map((match) => h("li", {}, inline(match[2]))));
}

/** The lines at the front that match. */
function run(lines, pattern) {
  const found = [];
  while (lines.length && pattern.test(lines[0])) found.push(lines.shift().match(pattern));
  return found;
}

function fence(lines) {
  lines.shift();
  const inside = [];
  while (lines.length && !FENCE.test(lines[0])) inside.push(lines.shift());
  lines.shift();
  return h("pre", { tabindex: "0" }, h("code", {}, inside.join("\n")));
}

function paragraph(lines) {
  const inside = [];
  while (lines.length && lines[0].trim() && !(inside.length && starts(lines[0]))) inside.push(lines.shift());
  return inside.join("\n");
}

function starts(line) {
  return [FENCE, BULLET, NUMBER, QUOTE].some((pattern) => pattern.test(line));
}

/** Nodes for a line's emphasis, code and links: the first mark found, then what is left of it and right of it. */
function inline(text) {
  let first = null;
  for (const [pattern, build] of INLINE) {
    const match = pattern.exec(text);
    if (match && (!first || match.index < first.match.index)) first = { match, build };
  }
  if (!first) return linked(text);
  const { match, build } = first;
  return [...linked(text.slice(0, match.index)), build(match), ...inline(text.slice(match.index + match[0].length))];
}

function anchor([whole, words, address]) {
  const href = safeLink(address);
  return href ? link(href, words) : whole;
}
