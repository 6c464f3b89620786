/**
 * The panels beside the thread. Each is fetched whole; one that comes back as it was isn't touched, and one with
 * a request under way is left alone until that is answered.
 */

const BURST = 120; // ms in which messages that come are one question
const AT_ONCE = 25; // ms for an offer or an own act: only the pushes of the same change are waited for
const QUIET = 300; // ms without a question, before which nothing is asked at once
const WAITING_EVERY = 5_000; // ms while the waiting list is on the screen
const COUNTS_EVERY = 20_000; // else, for its number
const WARN = 60; // seconds that a customer waits for an answer
const BAD = 180;
const TAB = "desk:tab"; // of this browser tab, so that a reload shows what was there
const shown = new WeakMap();
const due = new Set();
let soon = 0;
let soonAt = 0;
let flushedAt = -QUIET;
/** @type {(lines: Element[]) => unknown} */
let afterWork = () => {};

const panel = (name) => document.querySelector(`[data-panel="${name}"]`);

/** `callback(lines)` is called with the rows of each new list of work. */
export function start(callback) {
  afterWork = callback;
  panel("work").dataset.tab = sessionStorage.getItem(TAB) ?? "mine";
  setInterval(() => refreshIfSeen("waiting"), WAITING_EVERY);
  setInterval(() => refreshIfSeen("mine"), COUNTS_EVERY);
  setInterval(thresholds, 1000);
}

/** Fetch panels again, a moment later, so that a burst of pushes is one question; `atOnce` for what somebody waits for. */
export function refresh(names, { atOnce = false } = {}) {
  for (const name of names) if (panel(name)) due.add(name);
  flushIn(atOnce && performance.now() - flushedAt > QUIET ? AT_ONCE : BURST);
}

/** What was to happen sooner stays so. */
function flushIn(wait) {
  const at = performance.now() + wait;
  if (soon && soonAt <= at) return;
  clearTimeout(soon);
  soon = setTimeout(flush, wait);
  soonAt = at;
}

function flush() {
  soon = 0;
  flushedAt = performance.now();
  for (const name of [...due]) {
    if (underWay(panel(name))) continue; // flushed when that request is over
    due.delete(name);
    htmx.trigger(panel(name), "refresh");
  }
}

/** A request of something in the panel, other than `own`: were it swapped away, nobody would hear the answer. */
function underWay(target, own) {
  return [...target.querySelectorAll(".htmx-request")].some((node) => node !== own);
}

/** Another tab or page of the work has come since this one was asked for again. */
function isOvertaken(target, { elt, parameters }) {
  if (elt !== target || target.id !== "work") return false;
  const { tab, page } = parameters;
  return tab !== target.dataset.tab || (page ?? "") !== (target.dataset.page ?? "");
}

function refreshIfSeen(tab) {
  const waiting = panel("work").dataset.tab === "waiting";
  if (document.visibilityState === "visible" && waiting === (tab === "waiting")) refresh(["work"]);
}

/** Show which row is open. */
export function markOpen(id) {
  for (const row of document.querySelectorAll(".list .conv")) {
    const on = row.dataset.conversation === id;
    row.classList.toggle("on", on);
    row.querySelector("a")?.setAttribute("aria-current", String(on));
  }
}

/** A word and a colour for how long an answer is owed. */
function thresholds() {
  const now = Date.now();
  for (const chip of document.querySelectorAll(".waits")) {
    const seconds = (now - Date.parse(chip.dataset.waits)) / 1000;
    chip.classList.toggle("warn", seconds >= WARN && seconds < BAD);
    chip.classList.toggle("bad", seconds >= BAD);
  }
}

function unread() {
  if (panel("work").dataset.tab !== "mine") return;
  const lines = [...document.querySelectorAll(".list .conv[data-unread]")];
  const number = lines.filter((line) => line.dataset.unread !== "0").length;
  document.getElementById("rail-unread").textContent = String(number || "");
}

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = event.detail;
  if (elt.id !== "work") return;
  parameters.tab = elt.dataset.tab;
  if (elt.dataset.page) parameters.page = elt.dataset.page;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr, isError, requestConfig } = event.detail;
  if (!target.dataset.panel || isError) return;
  if (underWay(target, requestConfig.elt) || isOvertaken(target, requestConfig)) {
    event.detail.shouldSwap = false;
    due.add(target.dataset.panel);
    return;
  }
  if (shown.get(target) === xhr.responseText) event.detail.shouldSwap = false;
  shown.set(target, xhr.responseText);
  target.dataset.scroll = String(target.querySelector(".list")?.scrollTop ?? 0);
});
document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target.id !== "work") return;
  const list = target.querySelector(".list");
  const asked = new URL(event.detail.xhr.responseURL).searchParams;
  if (target.dataset.tab === list.dataset.tab) list.scrollTop = Number(target.dataset.scroll);
  target.dataset.tab = list.dataset.tab;
  sessionStorage.setItem(TAB, list.dataset.tab);
  target.dataset.page = asked.get("page") ?? "";
  thresholds();
  unread();
  afterWork([...list.querySelectorAll(".conv[data-seq]")]);
});
document.addEventListener("htmx:afterRequest", () => due.size && flushIn(BURST));

