// @ts-check
/**
 * A small Markdown for messages: bold, italic, strike, code, links, lists, quotes. It builds nodes, never markup; what
 * it doesn't know stays text as it was written.
 *
 * channels_app/content/markdown.py is its other half, with the same rules in the same order; one table of cases
 * (tests/markdown.json) pins both, and a test lets both draw texts at random.
 */
import { h } from "./dom.js";
import { link, linked } from "./words.js";

/** @typedef {Node | string} Piece */

const DEEPEST = 8; // quotes in quotes, marks in marks; further in it is text
const SAFE = /^(?:https?:\/\/[^\s/]\S*|(?:mailto|tel|sms):\S+)$/i;
/** @type {[RegExp, (match: RegExpExecArray, depth: number) => Piece][]} */
const MARKS = [
  [/`([^`\n]+)`/, ([, words]) => h("code", {}, words)],
  [/\[([^\]\n]+)\]\((\S+?)\)/, ([whole, words, address]) => (SAFE.test(address) ? link(address, words) : whole)],
  [/\*\*(?=\S)([^\n]+?)(?<=\S)\*\*/, ([, words], depth) => h("strong", {}, inline(words, depth + 1))],
  [/__(?=\S)([^\n]+?)(?<=\S)__/, ([, words], depth) => h("strong", {}, inline(words, depth + 1))],
  [/~~(?=\S)([^\n]+?)(?<=\S)~~/, ([, words], depth) => h("s", {}, inline(words, depth + 1))],
  [/\*(?=[^\s*])([^*\n]+?)(?<=\S)\*/, ([, words], depth) => h("em", {}, inline(words, depth + 1))],
  [/(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)/, ([, words], depth) => h("em", {}, inline(words, depth + 1))],
];
const BULLET = /^\s{0,3}[-*+]\s+([^\n]*)/;
const NUMBER = /^\s{0,3}(\d{1,9})[.)]\s+([^\n]*)/;
const QUOTE = /^>\s?([^\n]*)/;
const FENCE = /^```/;
const BLANK = /^\s*$/;

/**
 * A text as block nodes: paragraphs, lists, quotes and code.
 * @param {string} text
 * @returns {Piece[]}
 */
export function markdown(text, depth = 0) {
  const lines = text.split("\n");
  const blocks = [];
  while (lines.length) {
    if (BLANK.test(lines[0])) lines.shift();
    else blocks.push(block(lines, depth));
  }
  return blocks;
}

/**
 * Takes the next block's lines off the front.
 * @param {string[]} lines
 * @param {number} depth
 */
function block(lines, depth) {
  const [line] = lines;
  if (FENCE.test(line)) return h("pre", { tabindex: "0" }, h("code", {}, fenced(lines)));
  if (BULLET.test(line)) return h("ul", {}, items(run(lines, BULLET), 1, depth));
  if (NUMBER.test(line)) {
    const found = run(lines, NUMBER);
    return h("ol", { start: found[0][1] }, items(found, 2, depth));
  }
  if (QUOTE.test(line) && depth < DEEPEST) {
    return h("blockquote", {}, markdown(run(lines, QUOTE).map((match) => match[1]).join("\n"), depth + 1));
  }
  return h("p", {}, inline(paragraph(lines), depth));
}

/** @type {(found: RegExpExecArray[], group: number, depth: number) => Piece[]} */
const items = (found, group, depth) => found.map((match) => h("li", {}, inline(match[group], depth)));

/**
 * The lines at the front that match.
 * @param {string[]} lines
 * @param {RegExp} pattern
 */
function run(lines, pattern) {
  const found = [];
  for (let match = pattern.exec(lines[0]); match; match = lines.length ? pattern.exec(lines[0]) : null) {
    found.push(match);
    lines.shift();
  }
  return found;
}

/** @param {string[]} lines */
function fenced(lines) {
  lines.shift();
  const inside = [];
  while (lines.length && !FENCE.test(lines[0])) inside.push(lines.shift());
  lines.shift();
  return inside.join("\n");
}

/** @param {string[]} lines */
function paragraph(lines) {
  const inside = [lines.shift()];
  while (lines.length && ![BLANK, FENCE, BULLET, NUMBER, QUOTE].some((one) => one.test(lines[0]))) inside.push(lines.shift());
  return inside.join("\n");
}

/**
 * Nodes for a line's emphasis, code and links: the first mark found, then what is right of it.
 * @param {string} text
 * @param {number} depth
 * @returns {Piece[]}
 */
function inline(text, depth) {
  /** @type {Piece[]} */
  const pieces = [];
  let rest = text;
  for (let first = firstMark(rest, depth); first; first = firstMark(rest, depth)) {
    const { match, build } = first;
    pieces.push(...linked(rest.slice(0, match.index)), build(match, depth));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...pieces, ...linked(rest)];
}

/**
 * @param {string} text
 * @param {number} depth
 */
function firstMark(text, depth) {
  let first = null;
  for (const [pattern, build] of depth < DEEPEST ? MARKS : []) {
    const match = pattern.exec(text);
    if (match && (!first || match.index < first.match.index)) first = { match, build };
  }
  return first;
}
