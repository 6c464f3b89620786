/**
 * A conversation to read along: its rows come from the desk's address for changes (`since`), at first all of them,
 * then what is pushed in order, and again from there after a gap. Nothing is written, and nothing counts as read.
 */
import { dayLabel } from "../design/time.js";
import { announce, get, text } from "../desk/net.js";
import { send } from "../desk/socket.js";

const NEAR = 80; // px from the end that still count as reading along
const TYPING_FOR = 6_000;
let last = 0;
let seen = 0;
let asking = null;
let typing = 0;

const log = () => document.getElementById("log");
const rows = () => [...log().querySelectorAll(":scope > :is(.msg, .sys)[id]")];

/** The change up to which the transcript is shown. */
export const shown = () => last;

/** Load it, and show the place where this interaction begins. */
export async function start() {
  last = Number(log().dataset.from);
  document.getElementById("whole")?.addEventListener("click", whole);
  await catchUp();
  toBegin();
}

async function whole() {
  last = 0;
  document.getElementById("whole").remove();
  await catchUp();
  log().scrollTop = 0;
}

function toBegin() {
  const begin = Date.parse(log().dataset.begin ?? "");
  const first = rows().find((row) => timeOf(row).getTime() >= begin - 2000);
  const later = first && rows().at(-1).offsetTop - first.offsetTop > log().clientHeight;
  log().scrollTop = later ? first.offsetTop - log().offsetTop - 48 : log().scrollHeight;
}

/** Ask for all that changed since; one question at a time. */
export function catchUp() {
  asking ??= ask().catch(() => {}).finally(() => (asking = null));
  return asking;
}

async function ask() {
  for (let tries = 0; tries < 5; tries += 1) {
    const response = await get(`${log().dataset.sinceUrl}?seq=${last}`);
    const html = await response.text();
    last = Math.max(last, Number(response.headers.get("Desk-Head")));
    apply(html);
    send({ at: `conversation:${log().dataset.conversation}`, seq: last });
    if (seen <= last) return;
  }
}

/** A frame of the conversation's stream. */
export function onFrame(frame) {
  if (frame.typing) return showTyping();
  seen = Math.max(seen, frame.seq ?? frame.behind);
  if (frame.behind || frame.seq !== last + 1 || asking) return seen > last && catchUp();
  last = frame.seq;
  return apply(frame.html);
}

function apply(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const atEnd = log().scrollHeight - log().scrollTop - log().clientHeight < NEAR;
  for (const node of [...box.content.children].filter((one) => one.matches(".msg, .sys"))) put(node);
  document.getElementById("log-loading")?.remove();
  log().removeAttribute("aria-busy");
  days();
  if (atEnd) log().scrollTop = log().scrollHeight;
}

function put(node) {
  const known = document.getElementById(node.id);
  if (known) return known.replaceWith(node);
  const seq = Number(node.dataset.seq);
  const before = rows().reverse().find((row) => Number(row.dataset.seq) < seq);
  if (before) before.after(node);
  else log().prepend(node);
  if (!node.classList.contains("in") || log().hasAttribute("aria-busy")) return undefined;
  document.getElementById("typing").hidden = true;
  return announce(`${text("customer")} ${node.querySelector("p")?.textContent ?? ""}`);
}

const timeOf = (row) => new Date(row.querySelector("time[datetime]")?.dateTime ?? NaN);

/** A mark above the first row of each day. */
function days() {
  for (const old of log().querySelectorAll(".mark.day")) old.remove();
  let before = "";
  for (const row of rows()) {
    const at = timeOf(row);
    if (at.toDateString() !== before) row.before(mark(at));
    before = at.toDateString();
  }
}

function mark(at) {
  const node = document.createElement("div");
  node.className = "mark day";
  const time = document.createElement("time");
  time.dateTime = at.toISOString();
  time.dataset.fmt = "day";
  time.textContent = dayLabel(at);
  node.append(time);
  return node;
}

function showTyping() {
  clearTimeout(typing);
  document.getElementById("typing").hidden = false;
  typing = setTimeout(() => (document.getElementById("typing").hidden = true), TYPING_FOR);
}
