/**
 * Canned responses: "/" at the beginning of a word of a reply opens a list with a search of its own. The arrows
 * move, Enter inserts, Escape writes what was typed into the reply after all.
 */
import { get, text, toast } from "./net.js";

const TYPING = 120; // ms of silence before the list is asked for
const part = (name) => document.getElementById(name);
const panel = () => part("canned");
const box = () => part("composer-text");
let byKey = false;
let timer = 0;
let asked = 0;

function open(key) {
  byKey = key;
  panel().hidden = false;
  part("canned-open").setAttribute("aria-expanded", "true");
  part("canned-search").value = "";
  part("canned-search").focus();
  void load();
}

function close() {
  clearTimeout(timer);
  asked += 1;
  panel().hidden = true;
  part("canned-list").replaceChildren();
  part("canned-open").setAttribute("aria-expanded", "false");
}

/** Fetch what fits; an answer that comes after a later question is dropped. */
async function load() {
  const mine = ++asked;
  const search = part("canned-search").value.trim();
  try {
    const html = await (await get(`${panel().dataset.url}?q=${encodeURIComponent(search)}`)).text();
    if (mine !== asked || !panel() || panel().hidden) return;
    part("canned-list").innerHTML = html;
    choose(options()[0]);
  } catch (error) {
    if (mine === asked) toast(error.status ? error.message : text("offline"), "warn");
  }
}

const options = () => [...part("canned-list").querySelectorAll("[data-text]")];
const chosen = () => part("canned-list").querySelector("[data-text][aria-selected=true]");

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) part("canned-search").setAttribute("aria-activedescendant", option.id);
  else part("canned-search").removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function move(key) {
  const all = options();
  const at = all.indexOf(chosen());
  const to = key === "ArrowDown" ? at + 1 : at - 1;
  choose(all[(to + all.length) % all.length]);
}

/** Put words where the caret is, as if they had been typed. */
function insert(words) {
  close();
  box().focus();
  box().setRangeText(words, box().selectionStart, box().selectionEnd, "end");
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

const giveBack = () => insert(byKey ? `/${part("canned-search").value}` : "");

function onSearchKey(event) {
  if (event.isComposing) return;
  if (["ArrowDown", "ArrowUp"].includes(event.key) && options().length) move(event.key);
  else if (event.key === "Enter") {
    if (chosen()) insert(chosen().dataset.text);
  } else if (event.key === "Escape") giveBack();
  else if (event.key === "Backspace" && byKey && !event.target.value) insert("");
  else return;
  event.preventDefault();
}

/** The caret is where a word begins, in a reply. */
function startsWord() {
  const before = box().value.slice(0, box().selectionStart);
  return part("composer").dataset.mode === "reply" && /(^|\s)$/.test(before);
}

document.addEventListener("keydown", (event) => {
  if (event.target.id === "canned-search") return onSearchKey(event);
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
  if (!slash || event.target !== box() || !panel() || !startsWord()) return undefined;
  event.preventDefault();
  return open(true);
});
document.addEventListener("input", (event) => {
  if (event.target.id !== "canned-search") return;
  clearTimeout(timer);
  timer = setTimeout(load, TYPING);
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#canned-list [data-text]");
  if (option) return insert(option.dataset.text);
  if (event.target.closest?.("#canned-open")) return panel().hidden ? open(false) : giveBack();
  if (panel() && !panel().hidden && !event.target.closest?.("#canned")) close();
  return undefined;
});
document.addEventListener("pointermove", (event) => {
  const option = event.target.closest?.("#canned-list [data-text]");
  if (option && option !== chosen()) choose(option);
});
