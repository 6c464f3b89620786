/** The emoji picker: a grid to walk with the arrow keys, a search by name, and what was used last. */
import { h } from "./dom.js";

const MOST_RECENT = 16;
const COLUMNS = 8;
let panel = null;
let groups = null;

/** Open it above the composer, or close it. A chosen emoji goes to the caret. */
export async function toggle(opener, composer, kit, store) {
  if (panel) {
    shut(opener);
    return;
  }
  panel = h("div", { class: "emoji-panel", role: "dialog", "aria-label": kit.t("emoji.title") });
  opener.closest("form").append(panel);
  opener.setAttribute("aria-expanded", "true");
  const choose = (emoji) => {
    composer.insert(emoji);
    store.set("emoji", [emoji, ...store.get("emoji", []).filter((one) => one !== emoji)].slice(0, MOST_RECENT));
    shut(opener, composer);
  };
  panel.addEventListener("keydown", (event) => key(event, opener, composer));
  panel.addEventListener("focusout", (event) => event.relatedTarget && event.relatedTarget !== opener && !panel?.contains(event.relatedTarget) && shut(opener));
  const search = h("input", { class: "input", type: "search", placeholder: kit.t("emoji.search"), "aria-label": kit.t("emoji.search"), oninput: () => draw(grid, search.value, kit, store, choose) });
  const grid = h("div", { class: "emoji-grid" }, h("p", { role: "status" }, kit.t("emoji.loading")));
  panel.append(search, grid);
  search.focus({ preventScroll: true });
  await load(kit.config);
  if (panel) draw(grid, "", kit, store, choose);
}

/** [{key, emoji: [[character, name], …]}], from the server, once. */
async function load({ language, historyUrl }) {
  if (groups) return;
  const address = new URL(`/messenger/emoji/${language.split("-")[0]}.json`, new URL(historyUrl, location.href));
  try {
    groups = (await (await fetch(address, { credentials: "omit" })).json()).groups;
  } catch {
    groups = null; // the next opening tries again
  }
}

function draw(grid, words, { t }, store, choose) {
  const wanted = words.trim().toLocaleLowerCase();
  const shown = wanted ? [{ key: "found", emoji: search(wanted) }] : [{ key: "recent", emoji: recent(store) }, ...(groups ?? [])];
  const filled = shown.filter(({ emoji }) => emoji.length);
  const nothing = h("p", { role: "status" }, t(groups ? "emoji.none" : "emoji.failed"));
  grid.replaceChildren(...(filled.length ? filled.map((group) => section(group, t, choose)) : [nothing]));
  grid.querySelector("button")?.setAttribute("tabindex", "0");
}

function search(wanted) {
  const all = (groups ?? []).flatMap(({ emoji }) => emoji);
  const rank = ([, name]) => (name.startsWith(wanted) ? 0 : name.includes(` ${wanted}`) ? 1 : 2);
  return all.filter(([, name]) => name.includes(wanted)).sort((a, b) => rank(a) - rank(b)).slice(0, 80);
}

function recent(store) {
  return store.get("emoji", []).map((emoji) => [emoji, names().get(emoji) ?? emoji]);
}

function names() {
  return new Map((groups ?? []).flatMap((group) => group.emoji));
}

function section({ key: name, emoji }, t, choose) {
  const cells = emoji.map(([character, words]) =>
    h("button", { type: "button", tabindex: "-1", "aria-label": words, title: words, onclick: () => choose(character) }, character));
  return h("section", { "aria-label": t(`emoji.${name}`) }, h("h3", {}, t(`emoji.${name}`)), h("div", { class: "cells" }, cells));
}

function key(event, opener, composer) {
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    shut(opener, composer);
    return;
  }
  const cells = [...panel.querySelectorAll(".cells button")];
  const at = cells.indexOf(document.activeElement);
  const forward = getComputedStyle(panel).direction === "rtl" ? -1 : 1;
  const by = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
  if (at < 0) {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "Enter") cells[0]?.click();
    else cells[0]?.focus();
  } else if (by) {
    event.preventDefault();
    (cells[at + by] ?? (by < 0 ? panel.querySelector("input") : cells.at(-1))).focus();
  }
}

function shut(opener, composer = null) {
  const node = panel;
  panel = null;
  node?.remove();
  opener.setAttribute("aria-expanded", "false");
  if (composer) composer.focus();
}
