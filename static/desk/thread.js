/**
 * The open thread: its rows, kept equal to a fresh load by pushes in order and by asking `since` after a gap.
 */
import { tell } from "../design/events.js";
import { become } from "../design/morph.js";
import { dayLabel } from "../design/time.js";
import { announce, get, me, text } from "./net.js";
import * as unseen from "./unseen.js";
import { send } from "./socket.js";

const NEAR = 80; // px from the end that still count as reading along
const TYPING_FOR = 6_000;
let last = 0; // the change up to which this thread is shown
let seen = 0; // the highest change that anybody told us of
let readUpTo = 0;
let asking = null;
let typing = 0;
let follows = true; // the reader is at the end, and stays there when the thread grows or its place shrinks
let endTop = 0; // where the log stood when it was last put to its end
const resized = new ResizeObserver(() => log() && following() && toEnd());

export const log = () => document.getElementById("log");
export const openId = () => log()?.dataset.conversation ?? null;
export const shownSeq = () => last;

/** A thread has just been put into the page. */
export function opened() {
  const current = log();
  if (!current) return;
  last = seen = Number(current.dataset.seq);
  readUpTo = Number(state()?.dataset.read ?? 0);
  asking = null;
  for (const node of rows()) mine(node);
  days();
  unseen.opened(readUpTo);
  toEnd();
  current.addEventListener("scroll", onScroll, { passive: true });
  current.addEventListener("load", () => following() && toEnd(), { capture: true }); // pictures
  resized.disconnect();
  resized.observe(current);
  joinAt(last);
  markRead();
}

const rows = () => log()?.querySelectorAll(":scope > :is(.msg, .sys)[id]") ?? [];
const state = () => document.getElementById(`state-${openId()}`);
const joinAt = (seq) => send({ join: openId(), seq });

/** A change of the open conversation arrived: apply it if it is the next one, else ask. */
export function pushed(seq, html) {
  seen = Math.max(seen, seq);
  if (seq <= last) return;
  if (seq !== last + 1 || asking) return void catchUp();
  last = seq;
  apply(html);
}

/** Ask for all that changed since what is shown. One question at a time; resolves when nothing is known to miss. */
export function catchUp() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  const current = log();
  for (let tries = 0; current && tries < 5; tries += 1) {
    const response = await get(`${current.dataset.sinceUrl}?seq=${last}`);
    const html = await response.text();
    if (current !== log()) return;
    last = Math.max(last, Number(response.headers.get("Desk-Head")));
    apply(html);
    tell("desk-heard", { id: openId(), html, inbound: Number(response.headers.get("Desk-Inbound")), open: true });
    send({ at: `conversation:${openId()}`, seq: last });
    if (seen <= last) return;
  }
}

/** Put fragments where they belong: what is there changes in place, what is new goes to its place in the order. */
export function apply(html) {
  const current = log();
  if (!current) return;
  const followed = following();
  const box = document.createElement("template");
  box.innerHTML = html;
  for (const node of [...box.content.children]) {
    const known = document.getElementById(node.id) ?? pendingOf(node);
    if (known) morph(known, node);
    else if (node.classList.contains("msg") || node.classList.contains("sys")) insert(current, node);
  }
  if (followed) toEnd();
  markRead();
}

function pendingOf(node) {
  const client = node.dataset.clientId;
  return client ? log().querySelector(`[data-client-id="${CSS.escape(client)}"]`) : null;
}

/** The same node with the other's attributes and inside: focus elsewhere, and the place in the order, stay. */
function morph(node, other) {
  const wasPending = node.classList.contains("pending");
  const held = node.contains(document.activeElement);
  become(node, other); // a picture that is open, a film that plays stay
  if (held) keepFocus();
  htmx.process(node);
  mine(node);
  if (wasPending) unseen.wrote(node);
}

/** If what had the focus isn't there any more, or is in a dialog that closed, one goes on writing. */
export function keepFocus() {
  if (document.activeElement.matches("body, dialog:not([open]) *")) (document.getElementById("composer-text") ?? log())?.focus();
}

function insert(current, node) {
  const seq = Number(node.dataset.seq);
  const before = [...rows()].reverse().find(
    (row) => row.dataset.conversation === node.dataset.conversation && Number(row.dataset.seq) < seq,
  );
  if (before) before.after(node);
  else (current.querySelector(".pending") ?? document.getElementById("typing")).before(node);
  htmx.process(node);
  mine(node);
  day(node);
  if (!node.classList.contains("in")) return unseen.wrote(node);
  showTyping(false);
  announce(`${text("customer")} ${node.querySelector("p")?.textContent ?? ""}`);
  return unseen.came(node, { below: !follows });
}

/** What only this reader sees of a row: that it is theirs, and where it names them. */
function mine(node) {
  node.classList.toggle("mine", node.dataset.author === me);
  for (const name of node.querySelectorAll(".mention")) name.classList.toggle("me", name.dataset.user === me);
}

// --- days --------------------------------------------------------------------------------------

const dateOf = (row) => new Date(row.querySelector(".meta > time, :scope > time")?.dateTime ?? NaN);

function days() {
  for (const old of log().querySelectorAll(".mark.day")) old.remove();
  for (const node of rows()) day(node);
}

/** A mark above a row whose day differs from the row before. The mark of an earlier conversation names it already. */
function day(node) {
  const at = dateOf(node);
  let above = node.previousElementSibling;
  if (above?.matches(".mark.earlier:has(time)")) return;
  while (above && !above.matches(".msg[id], .sys")) above = above.previousElementSibling;
  if (Number.isNaN(at.getTime()) || (above && dateOf(above).toDateString() === at.toDateString())) return;
  const mark = document.createElement("div");
  mark.className = "mark day";
  const time = document.createElement("time");
  time.dateTime = at.toISOString();
  time.dataset.fmt = "day";
  time.textContent = dayLabel(at);
  const inner = document.createElement("span");
  inner.append(time);
  mark.append(inner);
  node.before(mark);
}

// --- scrolling, older pages --------------------------------------------------------------------

function nearEnd() {
  const box = log();
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
}

/** Whether the end is kept in sight. Somebody may have scrolled up a moment ago, and its event not come yet. */
function following() {
  follows &&= nearEnd() || log().scrollTop >= endTop;
  return follows;
}

/** To the newest message. */
export function toEnd() {
  follows = true;
  log().scrollTop = log().scrollHeight;
  endTop = log().scrollTop;
  unseen.atEnd();
}

function onScroll() {
  follows = nearEnd();
  if (follows) {
    unseen.atEnd();
    markRead();
  } else unseen.away();
  if (log().scrollTop < NEAR) older();
}

/** The page before the first row, with what is on the screen staying where it is. */
export async function older() {
  const button = document.getElementById("older");
  const box = log();
  if (!button || button.disabled) return;
  button.disabled = true;
  try {
    const response = await get(`${box.dataset.olderUrl}?before=${encodeURIComponent(button.dataset.before)}`);
    const html = await response.text();
    if (box !== log()) return;
    const fromEnd = box.scrollHeight - box.scrollTop;
    button.outerHTML = html;
    htmx.process(box);
    for (const node of rows()) mine(node);
    days();
    box.scrollTop = box.scrollHeight - fromEnd;
  } catch {
    button.disabled = false;
  }
}

/** To the beginning of an earlier conversation, fetching as many pages as that takes (20 at most). */
export async function jumpTo(conversation) {
  for (let pages = 0; pages < 20; pages += 1) {
    const mark = document.getElementById(`mark-${conversation}`);
    if (mark || !document.getElementById("older")) return mark?.scrollIntoView({ block: "start" });
    await older();
  }
  return undefined;
}

// --- reading and typing ------------------------------------------------------------------------

/** Read is what was on a visible screen of the person who has the conversation. */
export function markRead() {
  const part = document.getElementById("thread-head")?.dataset.part;
  if (!["owner", "parked"].includes(part) || document.visibilityState !== "visible" || !document.hasFocus()) return;
  if (!follows) return;
  const inbound = [...log().querySelectorAll(`.msg.in[data-conversation="${openId()}"]`)].at(-1);
  const seq = Number(inbound?.dataset.seq ?? 0);
  if (seq > readUpTo && send({ read: openId(), seq })) readUpTo = seq;
}

/** The customer is writing, for some seconds. */
export function showTyping(now) {
  const node = document.getElementById("typing");
  clearTimeout(typing);
  if (!node) return;
  const follow = following();
  node.hidden = !now;
  if (follow) toEnd();
  if (now) typing = setTimeout(() => (node.hidden = true), TYPING_FOR);
}
