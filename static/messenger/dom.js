/** Building nodes without markup: text stays text, whatever a message contains. */
import { icon } from "./icons.js";

export { icon };

/**
 * A node. `props`: attributes; functions under "on…" become listeners; null, undefined and false are left out.
 * Children: nodes, strings, arrays; null, undefined and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A button of type "button". */
export function button(className, onclick, props, ...children) {
  return h("button", { type: "button", class: className, onclick, ...props }, ...children);
}

/** A round button with an icon only, named for screen readers. */
export function tool(name, label, onclick, props = {}) {
  return button(props.class ?? "tool", onclick, { ...props, "aria-label": label, title: label }, icon(name, ""));
}

/** Texts by key: the configuration's labels; a missing one shows its key. {name} slots are filled from `values`. */
export function makeTexts(labels = {}) {
  return (key, values = {}) =>
    String(labels[key] ?? key).replace(/\{(\w+)\}/g, (slot, name) => (name in values ? String(values[name]) : slot));
}

/** The text cut at {slot}, with the node in its place: for a bold name inside a sentence. */
export function around(text, slot, node) {
  const [before, after = ""] = text.split(`{${slot}}`);
  return [before, node, after];
}

/** An address that may be opened from a message: http(s), mailto, tel, sms; null for anything else. */
export function safeLink(url) {
  return /^(mailto|tel|sms):[^\s]+$/i.test(url ?? "") ? url : safeUrl(url);
}

/** An http(s) address, absolute; null for anything else (javascript:, data:, nonsense, nothing). */
export function safeUrl(url) {
  if (!url) return null;
  try {
    const parsed = new URL(url, location.href);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
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

/** A person's picture, initials or sign. */
export function avatar({ name = "", image = null, bot = false }) {
  const picture = safeUrl(image);
  const inside = picture ? h("img", { src: picture, alt: "" }) : bot ? icon("bot") : name ? initials(name) : icon("chat");
  const node = h("div", { class: bot ? "avatar bot" : "avatar", "aria-hidden": "true" }, inside);
  if (name && !bot) node.style.setProperty("--hue", hueOf(name));
  return node;
}

/** A picture that leaves when it can't be had. */
export function picture(src) {
  return h("img", { class: "pic", src, alt: "", loading: "lazy", onerror: (event) => event.currentTarget.remove() });
}

/** Load a part that isn't needed at first, with its styles; `name` as in ./name.js. */
export async function need(name) {
  styles ??= new Promise((done) => {
    const href = new URL("./extras.css", import.meta.url).href;
    document.head.append(h("link", { rel: "stylesheet", href, onload: done, onerror: done }));
  });
  const [part] = await Promise.all([import(`./${name}.js`), styles]);
  return part;
}

let styles = null;
