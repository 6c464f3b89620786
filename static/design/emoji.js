/**
 * The emoji picker of messenger and desk: a grid to walk with the arrow keys, a search by name, what was used last.
 *
 *   toggle(opener, host, {
 *     t: (key) => words,                "emoji.title", "emoji.search", "emoji.<group>", …
 *     load: () => Promise<groups>,      [{key, emoji: [[character, name], …]}, …]; null: can't be had now
 *     recent: () => characters, keep: (characters) => {},
 *     choose: (character) => {}, focus: () => {}   where the words go, and where the reader goes back to
 *   })
 */
import { h } from "./dom.js";

const MOST_RECENT = 16;
const MOST_FOUND = 80;
let panel = null;
let groups = null;
let styled = null;

/** Open it in `host`, or close it. */
export async function toggle(opener, host, kit) {
  if (panel?.isConnected) {
    shut(opener);
    return;
  }
  panel = h("div", { class: "emoji-panel", role: "dialog", hidden: true, "aria-label": kit.t("emoji.title") });
  host.append(panel);
  opener.setAttribute("aria-expanded", "true");
  panel.addEventListener("keydown", (event) => key(event, opener, kit));
  panel.addEventListener("focusout", ({ relatedTarget: to }) => to && to !== opener && !panel?.contains(to) && shut(opener));
  const grid = h("div", { class: "emoji-grid" }, h("p", { role: "status" }, kit.t("emoji.loading")));
  const search = h("input", {
    class: "input", type: "search", placeholder: kit.t("emoji.search"), "aria-label": kit.t("emoji.search"),
    oninput: () => draw(grid, search.value, opener, kit),
  });
  panel.append(search, grid);
  const mine = panel;
  await looks();
  if (panel !== mine) return;
  panel.hidden = false;
  search.focus({ preventScroll: true });
  groups ??= await kit.load();
  if (panel === mine) draw(grid, search.value, opener, kit);
}

/** Its looks, before it is seen. */
function looks() {
  styled ??= new Promise((done) => {
    const href = new URL("./emoji.css", import.meta.url).href;
    document.head.append(h("link", { rel: "stylesheet", href, onload: done, onerror: done }));
  });
  return styled;
}

function draw(grid, words, opener, kit) {
  const wanted = words.trim().toLocaleLowerCase();
  const first = { key: "recent", emoji: named(kit.recent()) };
  const shown = wanted ? [{ key: "found", emoji: search(wanted) }] : [first, ...(groups ?? [])];
  const filled = shown.filter(({ emoji }) => emoji.length);
  const nothing = h("p", { role: "status" }, kit.t(groups ? "emoji.none" : "emoji.failed"));
  grid.replaceChildren(...(filled.length ? filled.map((group) => section(group, opener, kit)) : [nothing]));
  grid.querySelector("button")?.setAttribute("tabindex", "0");
}

function search(wanted) {
  const all = (groups ?? []).flatMap(({ emoji }) => emoji);
  const rank = ([, name]) => (name.startsWith(wanted) ? 0 : name.includes(` ${wanted}`) ? 1 : 2);
  return all.filter(([, name]) => name.includes(wanted)).sort((a, b) => rank(a) - rank(b)).slice(0, MOST_FOUND);
}

function named(characters) {
  const names = new Map((groups ?? []).flatMap((group) => group.emoji));
  return characters.map((one) => [one, names.get(one) ?? one]);
}

function section({ key: name, emoji }, opener, kit) {
  const label = kit.t(`emoji.${name}`);
  const cells = emoji.map(([character, words]) =>
    h("button", { type: "button", tabindex: "-1", "aria-label": words, title: words, onclick: () => choose(character, opener, kit) }, character));
  return h("section", { "aria-label": label }, h("h3", { role: "presentation" }, label), h("div", { class: "cells" }, cells));
}

function choose(character, opener, kit) {
  kit.keep([character, ...kit.recent().filter((one) => one !== character)].slice(0, MOST_RECENT));
  shut(opener);
  kit.choose(character);
  kit.focus();
}

function key(event, opener, kit) {
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    shut(opener);
    kit.focus();
    return;
  }
  const cells = [...panel.querySelectorAll(".cells button")];
  const at = cells.indexOf(document.activeElement);
  if (at < 0) {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "Enter") cells[0]?.click();
    else cells[0]?.focus();
    return;
  }
  const to = neighbour(event.key, cells, at);
  if (!to) return;
  event.preventDefault();
  cells[at].tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

/** The cell that an arrow leads to; above the first row is the search. */
function neighbour(name, cells, at) {
  const forward = getComputedStyle(panel).direction === "rtl" ? -1 : 1;
  const aside = { ArrowRight: forward, ArrowLeft: -forward }[name];
  if (aside) return cells[at + aside] ?? cells[at];
  if (name === "Home") return cells[0];
  if (name === "End") return cells.at(-1);
  if (name !== "ArrowDown" && name !== "ArrowUp") return null;
  const { left, top } = cells[at].getBoundingClientRect();
  const rows = name === "ArrowDown" ? cells.slice(at + 1) : cells.slice(0, at).reverse();
  const next = rows.find((cell) => cell.getBoundingClientRect().top !== top);
  if (!next) return name === "ArrowUp" ? panel.querySelector("input") : cells.at(-1);
  const line = rows.filter((cell) => cell.getBoundingClientRect().top === next.getBoundingClientRect().top);
  return line.reduce((best, cell) => (far(cell, left) < far(best, left) ? cell : best));
}

const far = (cell, left) => Math.abs(cell.getBoundingClientRect().left - left);

function shut(opener) {
  const node = panel;
  panel = null;
  node?.remove();
  opener.setAttribute("aria-expanded", "false");
}

/** [{key, emoji}, …] from the server; null when it can't be had, and the next opening tries again. */
export async function fetchGroups(address) {
  try {
    return (await (await fetch(address, { credentials: "omit" })).json()).groups;
  } catch {
    return null;
  }
}
