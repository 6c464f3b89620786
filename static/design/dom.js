// @ts-check
/** Building nodes without markup: text stays text, whatever somebody wrote. */
const SPRITE = new URL("./icons.svg", import.meta.url).href;
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false | Child[]} Child */

/**
 * A node. `props`: attributes; functions under "on…" become listeners; null, undefined and false are left out.
 * Children: nodes, strings, arrays; null, undefined and false are left out.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(.../** @type {any[]} */ (children).flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * A picture of the sprite, for eyes only.
 * @param {string} name
 */
export function icon(name, classes = "") {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("class", `icon ${classes}`);
  node.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#i-${name}`);
  node.append(use);
  return node;
}
