/**
 * Building nodes without markup: text stays text, whatever a message contains. `h` is also in ../design/dom.js, of which
 * the first load would need nothing else: a shared file costs it 200 bytes and a request.
 */
const SVG = "http://www.w3.org/2000/svg";
/** Icons: paths on a 24 px grid. Here from the start, without the network; extras.js brings those of what opens later. */
const PATHS = {
  alert: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5V13M12 16.5v.01",
  bot: "M7 8h10a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-5a3 3 0 0 1 3-3M12 8V4M9 13v1M15 13v1",
  chat: "M4 5h16v11H9l-5 4z",
  check: "m4 12.5 5 5L20 6.5",
  checks: "m2 12.5 4.5 4.5L15 8M11 16l1.2 1L22 7",
  clip: "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8L9.5 17a1.7 1.7 0 0 1-2.4-2.4L15 6.8",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7v5l3.5 2",
  cloud: "M7 18.5h9.5a4 4 0 0 0 .8-7.9A5.5 5.5 0 0 0 7 9.6a4.5 4.5 0 0 0 0 8.9zM4 4l16 16",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  down: "m6 9.5 6 6 6-6",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.5M12 7.5v.01",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.3-5.4L20 9M20 4v5h-5",
  right: "m9.5 6 6 6-6 6",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8.5 14.5c1.8 2.3 5.2 2.3 7 0M9 9.5v.01M15 9.5v.01",
  up: "M12 19V5.5M6 11l6-6 6 6",
};

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

/** An icon; hidden from screen readers, the words beside it say it. `size`: "sm" (14 px), "" (18 px), "lg". */
export function icon(name, size = "sm") {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("class", `icon ${size}`);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name] ?? PATHS.chat);
  svg.append(path);
  return svg;
}

/** More icons: paths by name. */
export function addIcons(more) {
  Object.assign(PATHS, more);
}

/** A round button with an icon only, named for screen readers. */
export function tool(name, label, onclick, props = {}) {
  return button(props.class ?? "tool", onclick, { ...props, "aria-label": label, title: label }, icon(name, ""));
}

/** Texts by key; a missing one shows its key. {name} slots are filled from `values`. */
export function makeTexts(labels) {
  return (key, values = {}) =>
    String(labels[key] ?? key).replace(/\{(\w+)\}/g, (slot, name) => (name in values ? String(values[name]) : slot));
}

/** The text cut at {slot}, with the node in its place: for a bold name inside a sentence. */
export function around(text, slot, node) {
  const [before, after = ""] = text.split(`{${slot}}`);
  return [before, node, after];
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
