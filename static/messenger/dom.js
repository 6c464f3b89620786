/** Building nodes without markup: text stays text, whatever a message contains. */

const SVG = "http://www.w3.org/2000/svg";
let sprite = "";

/**
 * Where the icon sprite is. It is read once and kept in the page: an icon that first appears while the line is
 * down ("You're offline") must not need the network.
 */
export async function setSprite(url) {
  sprite = url;
  try {
    const text = await (await fetch(url)).text();
    const svg = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
    svg.setAttribute("hidden", "");
    document.body.prepend(svg);
    sprite = "";
  } catch {
    // The address stays: the browser's cache may have it.
  }
}

/**
 * A node. `props`: attributes; functions under "on…" become listeners; null and false are left out.
 * Children: nodes, strings, arrays; null and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An icon of the sprite; hidden from screen readers, the words beside it say it. */
export function icon(name, size = "sm") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${size}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

/** Words from the page, by key, with {name} slots. */
export function makeTexts(template, overrides = {}) {
  const texts = new Map();
  for (const node of template.content.querySelectorAll("[data-key]")) texts.set(node.dataset.key, node.textContent.trim());
  for (const [key, value] of Object.entries(overrides)) if (value) texts.set(key, value);
  return (key, values = {}) =>
    (texts.get(key) ?? key).replace(/\{(\w+)\}/g, (slot, name) => (name in values ? String(values[name]) : slot));
}

/** The text cut at {slot}, with the node in its place: for a bold name inside a sentence. */
export function around(text, slot, node) {
  const [before, after = ""] = text.split(`{${slot}}`);
  return [before, node, after];
}

/** An http(s) address, absolute; null for anything else (javascript:, data:, nonsense). */
export function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}

/** 1.4 MB in the reader's language. */
export function fileSize(bytes, locale) {
  const [value, unit] = bytes < 1_000_000 ? [Math.max(1, Math.round(bytes / 1024)), "kilobyte"] : [bytes / 1_048_576, "megabyte"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

/** Up to two initials, for an avatar without a picture. */
export function initials(name) {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...word][0] ?? "").join("").toLocaleUpperCase();
}

/** A steady hue for a name: the same person has the same colour everywhere. */
export function hueOf(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}
