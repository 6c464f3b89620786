// @ts-check
/**
 * Bring a part of the page to what a fresh load would show: focus, selection, scroll and open details stay.
 *
 * Idiomorph changes only what differs. Where it isn't built, or isn't here yet, what differs is put in anew, one child of
 * the part at a time, with what was kept, open, scrolled or being typed; a selection of text in it is gone.
 *
 * `data-keep` keeps an element with an id as it is; the text and title of a <time> belong to time.js; `open`, and what
 * was typed or ticked, belong to the reader.
 */
import { bundled } from "./bundle.js";

/** @typedef {typeof import("idiomorph").Idiomorph} Library */
/** @type {Library | undefined} */
let idiomorph;
bundled("idiomorph", () => import("../bundles/idiomorph.js")).then((found) => (idiomorph = found?.Idiomorph));

const FIELDS = ["value", "checked"];
/** @type {Record<string, string[]>} */
const THEIRS = { TIME: ["title"], DETAILS: ["open"], DIALOG: ["open"], INPUT: FIELDS, TEXTAREA: FIELDS };
/** @type {import("idiomorph").Config} */
const INSIDE = {
  morphStyle: "innerHTML",
  callbacks: {
    beforeNodeMorphed,
    beforeAttributeUpdated: (name, node) => !isTheirs(node, name),
  },
};

/**
 * What is inside an element.
 * @param {Element} root
 * @param {string} html
 */
export function patch(root, html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  inside(root, box.content);
}

/**
 * One element, itself included; `fresh` is used up.
 * @param {Element} old
 * @param {Element} fresh
 */
export function become(old, fresh) {
  attributes(old, fresh);
  const box = document.createDocumentFragment();
  box.append(...fresh.childNodes);
  inside(old, box);
}

/**
 * @param {Element} root
 * @param {DocumentFragment} fresh
 */
function inside(root, fresh) {
  const focused = document.activeElement;
  if (idiomorph) idiomorph.morph(root, fresh, INSIDE);
  else putIn(root, fresh);
  const again = focused?.isConnected ? focused : root.querySelector(`[id="${CSS.escape(focused?.id ?? "")}"]`);
  if (again !== document.activeElement && again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/**
 * @param {Node} old
 * @param {Node} fresh
 */
function beforeNodeMorphed(old, fresh) {
  if (!(old instanceof HTMLElement && fresh instanceof Element)) return true;
  if ("keep" in old.dataset) return false;
  if (old.nodeName !== "TIME" || old.getAttribute("datetime") !== fresh.getAttribute("datetime")) return true;
  attributes(old, fresh);
  return false; // the same moment: its text goes on
}

/** @type {(node: Element, name: string) => boolean} */
const isTheirs = (node, name) => THEIRS[node.nodeName]?.includes(name) ?? false;

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function attributes(old, fresh) {
  for (const name of old.getAttributeNames()) {
    if (!isTheirs(old, name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (!isTheirs(old, name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** What stays the very element that it was: also what is being typed into, with the form that listens to it. */
const STAYS = ":is([data-keep], form:focus-within, input:focus, textarea:focus)[id]";

/**
 * Whole children anew, by the ids of what keeps its state.
 * @param {Element} root
 * @param {DocumentFragment} fresh
 */
function putIn(root, fresh) {
  const scrolled = [...root.querySelectorAll("[id]")].map((node) => ({ id: node.id, top: node.scrollTop, left: node.scrollLeft }));
  const [there, wanted] = [[...root.children], [...fresh.children]];
  if (there.length !== wanted.length || ownText(root) !== ownText(fresh)) {
    carry(root, fresh);
    root.replaceChildren(fresh);
  } else {
    for (const [at, old] of there.entries()) {
      if (old.isEqualNode(wanted[at]) || (old.matches(STAYS) && old.id === wanted[at].id)) continue;
      carry(old, wanted[at]);
      old.replaceWith(wanted[at]);
    }
  }
  for (const { id, top, left } of scrolled) document.getElementById(id)?.scrollTo({ top, left, behavior: "instant" });
}

/**
 * @param {Element} old
 * @param {Element | DocumentFragment} fresh
 */
function carry(old, fresh) {
  /** @param {Element} one */
  const counterpart = (one) => fresh.querySelector(`[id="${CSS.escape(one.id)}"]`);
  for (const one of [old, ...old.querySelectorAll("details[id]")]) {
    const same = one === old ? fresh : counterpart(one);
    if (one instanceof HTMLDetailsElement && same instanceof HTMLDetailsElement) same.open = one.open;
  }
  for (const one of old.querySelectorAll(STAYS)) {
    const same = counterpart(one);
    if (same && same !== one) same.replaceWith(one);
  }
}

/** @param {ParentNode & Node} node */
const ownText = (node) => [...node.childNodes].map((one) => (one instanceof Text ? one.data.trim() : "")).join();
