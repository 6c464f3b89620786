/**
 * Colleagues in notes: "@" where a word begins opens a list under the caret's keys; what is typed next narrows it.
 * The arrows move, Enter or Tab choose, Escape leaves what was typed.
 */
import { h } from "../design/dom.js";
import { insert, wordFrom } from "./caret.js";
import { get, text } from "./net.js";

const PAUSE = 100; // ms of silence before the list is asked for
const MOST_NAME = 40; // characters after an "@" that may still be a name
const named = new Map(); // conversation → [{id, name}]
const box = () => document.getElementById("composer-text");
const list = () => document.getElementById("mention-list");
const form = () => document.getElementById("composer");
let timer = 0;
let asked = 0;

/** Those whose name still stands in the text, once each. */
export function mentionsIn(conversation, words) {
  const found = (named.get(conversation) ?? []).filter(({ name }) => words.includes(`@${name}`));
  return [...new Map(found.map((one) => [one.id, one])).values()];
}

export const putMentions = (conversation, people) => named.set(conversation, people);
export const clearMentions = (conversation) => named.delete(conversation);

/** What is typed after the "@", or null: not in a note, not at a name. */
function typed() {
  if (form()?.dataset.mode !== "note" || box().selectionStart !== box().selectionEnd) return null;
  const word = wordFrom("@");
  return word === null || word.length > MOST_NAME || mentionsIn(form().dataset.conversation, `@${word}`).length ? null : word;
}

async function load() {
  const mine = ++asked;
  const word = typed();
  if (word === null) return close();
  try {
    const { people } = await (await get(`${list().dataset.url}?q=${encodeURIComponent(word)}`)).json();
    if (mine === asked && typed() === word) show(people, word);
  } catch {
    close();
  }
  return undefined;
}

/** Nobody of this name: said once while it may still become one, gone when it is another word. */
function show(people, word) {
  if (!people.length && word.includes(" ")) return close();
  const none = h("li", { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, text("noColleague"));
  list().replaceChildren(...(people.length ? people.map(row) : [none]));
  list().hidden = false;
  set("true");
  choose(options()[0]);
  return undefined;
}

const row = ({ id, name, team }) => h("li", { role: "option", id: `colleague-${id}`, "data-id": id, "data-name": name, "aria-selected": "false" }, h("b", {}, name), team && h("small", {}, team));
const options = () => [...list().querySelectorAll("[data-id]")];
const chosen = () => list().querySelector("[aria-selected=true]");

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) box().setAttribute("aria-activedescendant", option.id);
  else box().removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function set(open) {
  box().setAttribute("aria-controls", "mention-list");
  box().setAttribute("aria-autocomplete", "list");
  document.getElementById("mention-open")?.setAttribute("aria-expanded", open);
}

function close() {
  clearTimeout(timer);
  asked += 1;
  if (!list() || list().hidden) return;
  list().hidden = true;
  list().replaceChildren();
  box().removeAttribute("aria-activedescendant");
  set("false");
}

/** @param {DOMStringMap} person */
function take({ id, name }) {
  const { conversation } = form().dataset;
  named.set(conversation, [...(named.get(conversation) ?? []), { id, name }]);
  const start = box().selectionStart - typed().length - 1;
  box().setSelectionRange(start, box().selectionStart);
  close();
  insert(`@${name} `);
}

function onKey(event) {
  if (event.target !== box() || !list() || list().hidden || event.isComposing) return;
  const all = options();
  const at = all.indexOf(chosen());
  const down = event.key === "ArrowDown";
  if (event.key === "Escape") close();
  else if ((down || event.key === "ArrowUp") && all.length) choose(all[(at + (down ? 1 : -1) + all.length) % all.length]);
  else if (["Enter", "Tab"].includes(event.key) && chosen() && !event.shiftKey) take(chosen().dataset);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("keydown", onKey, { capture: true });
document.addEventListener("input", (event) => {
  if (event.target !== box() || !list()) return;
  clearTimeout(timer);
  if (typed() === null) close();
  else timer = setTimeout(load, PAUSE);
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#mention-list [data-id]");
  if (option) take(option.dataset);
  else if (event.target.closest?.("#mention-open")) {
    box().focus();
    insert(/\S$/.test(box().value.slice(0, box().selectionStart)) ? " @" : "@");
  } else if (event.target !== box()) close();
});
document.addEventListener("pointermove", (event) => {
  const option = event.target.closest?.("#mention-list [data-id]");
  if (option && option !== chosen()) choose(option);
});
