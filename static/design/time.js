/**
 * Times in the reader's own time zone and language. The server renders `<time datetime="…Z" data-fmt="…">`
 * with any text inside; this module replaces the text, now and in nodes that arrive later.
 *
 *   clock     10:14
 *   date      12 Nov (with the year if it isn't this one)
 *   day       Today · Yesterday · Thursday 12 November
 *   datetime  12 Nov, 10:14
 *   ago       now · 3 min · 2 h · 12 Nov               for lists
 *   since     0:42 · 12:41 · 2:14:05                   counts up from datetime
 *   for       14 min · 2 h 14 min                      how long it has been so, without seconds
 *   left      0:19                                     counts down to datetime, then stays at 0:00
 *   seconds   19                                       the same, in bare seconds
 *
 * data-total="30" (seconds) on the last two also turns the closest .ring: its --p goes from 100 to 0.
 * The reader's clock may be wrong: with <meta name="server-time"> or setServerTime(), running times follow the server's.
 * One timer serves the page.
 */
const DAY = 86_400_000;
const RUNNING = new Set(["ago", "since", "for", "left", "seconds", "day"]);
const locale = readerLocale();
let offset = 0; // ms to add to this browser's clock
let timer = 0;

const format = {
  clock: formatter({ timeStyle: "short" }),
  date: formatter({ day: "numeric", month: "short" }),
  dateYear: formatter({ day: "numeric", month: "short", year: "numeric" }),
  datetime: formatter({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }),
  weekday: formatter({ weekday: "long", day: "numeric", month: "long" }),
  full: formatter({ dateStyle: "full", timeStyle: "medium" }),
  relative: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }),
  minutes: unit("minute"),
  hours: unit("hour"),
};

/** The page's language in the reader's own flavour (en → en-GB), so that 14:07 isn't 2:07 PM for them. */
export function readerLocale() {
  const page = document.documentElement.lang || "en";
  const base = page.split("-")[0];
  return (navigator.languages ?? []).find((tag) => tag.split("-")[0] === base) ?? page;
}

function formatter(options) {
  const built = new Intl.DateTimeFormat(locale, options);
  return (date) => built.format(date);
}

function unit(name) {
  const built = new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short" });
  return (count) => built.format(count).replace(" ", "\u00a0"); // a line may break between two units, not within one
}

/** Tell the module the server's time (ISO 8601). */
export function setServerTime(iso) {
  const server = Date.parse(iso);
  if (!Number.isNaN(server)) offset = server - Date.now();
}

/** Milliseconds by the server's clock. */
export function serverNow() {
  return Date.now() + offset;
}

/** 0:42, 12:41, 2:14:05 for a number of seconds; never negative. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pad = (value) => String(value).padStart(2, "0");
  return parts[0] ? `${parts[0]}:${pad(parts[1])}:${pad(parts[2])}` : `${parts[1]}:${pad(parts[2])}`;
}

function date(at, now) {
  return (at.getFullYear() === new Date(now).getFullYear() ? format.date : format.dateYear)(at);
}

/** Today, Yesterday, or the date with its weekday. */
export function dayLabel(at, now = serverNow()) {
  const midnight = (value) => new Date(value).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(at)) / DAY);
  if (days > 1 || days < 0) return days < 300 ? format.weekday(at) : format.dateYear(at);
  const word = format.relative.format(-days, "day");
  return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
}

function ago(at, now) {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return format.relative.format(0, "second");
  if (minutes < 60) return format.minutes(minutes);
  return minutes < 24 * 60 ? format.hours(Math.floor(minutes / 60)) : date(at, now);
}

function hoursAndMinutes(minutes) {
  const hours = Math.floor(minutes / 60);
  return hours ? `${format.hours(hours)} ${format.minutes(minutes % 60)}` : format.minutes(minutes);
}

/** The text of one time: `at` a Date, `kind` as in the table above, `now` in ms. */
export function textOf(kind, at, now = serverNow()) {
  if (kind === "date") return date(at, now);
  if (kind === "day") return dayLabel(at, now);
  if (kind === "ago") return ago(at, now);
  if (kind === "since") return duration((now - at) / 1000);
  if (kind === "for") return hoursAndMinutes(Math.max(0, Math.floor((now - at) / 60_000)));
  if (kind === "left") return duration(Math.ceil((at - now) / 1000));
  if (kind === "seconds") return String(Math.max(0, Math.ceil((at - now) / 1000)));
  return (format[kind] ?? format.clock)(at);
}

function render(node, now) {
  const at = new Date(node.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const text = textOf(node.dataset.fmt, at, now);
  if (node.textContent !== text) node.textContent = text;
  if (!node.title) node.title = format.full(at);
  if (node.dataset.fmt === "left" || node.dataset.fmt === "seconds") countDown(node, at.getTime() - now);
}

function countDown(node, left) {
  const total = Number(node.dataset.total) * 1000;
  if (total) node.closest(".ring")?.style.setProperty("--p", String(Math.max(0, Math.min(100, (left / total) * 100))));
}

function renderAll(root, now = serverNow()) {
  if (root.matches?.("time[data-fmt]")) render(root, now);
  for (const node of root.querySelectorAll?.("time[data-fmt]") ?? []) render(node, now);
}

function tick() {
  const now = serverNow();
  let running = false;
  for (const node of document.querySelectorAll("time[data-fmt]")) {
    if (!RUNNING.has(node.dataset.fmt)) continue;
    running = true;
    render(node, now);
  }
  timer = running ? setTimeout(tick, 1000 - (now % 1000)) : 0;
}

function watch(changes) {
  for (const change of changes) {
    if (change.type === "attributes") {
      change.target.removeAttribute("title");
      renderAll(change.target);
    }
    for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) renderAll(node);
  }
  if (!timer) tick();
}

setServerTime(document.querySelector('meta[name="server-time"]')?.content ?? "");
renderAll(document);
tick();
new MutationObserver(watch).observe(document, {
  childList: true, subtree: true, attributes: true, attributeFilter: ["datetime", "data-fmt"],
});
