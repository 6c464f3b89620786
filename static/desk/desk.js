/** The desk: puts the socket, the panels, the thread and the composer together. */
import "./alerts.js";
import "./canned.js";
import * as composer from "./composer.js";
import * as customer from "./customer.js";
import "./emoji.js";
import "./format.js";
import "./here.js";
import "./keys.js";
import "./mentioned.js";
import "./options.js";
import "./photos.js";
import "./previews.js";
import { hear, tell } from "../design/events.js";
import { get, text, toast } from "./net.js";
import * as panels from "./panels.js";
import "./park.js";
import { connect, send } from "./socket.js";
import * as thread from "./thread.js";

const desk = document.getElementById("desk");
const main = document.getElementById("thread");
const sheet = document.getElementById("sheet");
const seqs = new Map(); // conversation → change up to which its row in the list is shown
const seat = { due: false, asking: false };
let opening = 0;
const urlOf = (id) => `${document.body.dataset.desk}conversations/${id}/`;
let agentSeq = Number(document.body.dataset.seq); // change up to which the panels are shown, which were asked for after the page

// --- threads -----------------------------------------------------------------------------------

/** Open a conversation beside the lists. `push`: it becomes the page's address. */
async function open(id, { push = true, focus = false } = {}) {
  const asked = ++opening;
  try {
    const html = await (await get(urlOf(id))).text();
    if (asked !== opening) return; // another one was opened since
    const before = thread.openId();
    if (before && before !== id && !seqs.has(before)) send({ leave: before });
    main.innerHTML = html;
    if (push && location.pathname !== urlOf(id)) history.pushState({}, "", urlOf(id));
    show();
    if (focus) document.getElementById("composer-text")?.focus();
  } catch (error) {
    toast(error.status ? error.message : text("offline"), "warn");
  }
}

/** What the page has to do when a thread is in it. */
function show() {
  desk.dataset.view = thread.log() ? "thread" : "list";
  panels.markOpen(thread.openId());
  customer.show();
  if (!thread.log()) return;
  htmx.process(main);
  document.title = `${document.getElementById("thread-title").textContent} · ${text("desk")}`;
  thread.opened();
  composer.opened();
  tell("desk-thread");
}

function close({ push = true } = {}) {
  opening += 1;
  if (thread.openId() && !seqs.has(thread.openId())) send({ leave: thread.openId() });
  main.replaceChildren(document.getElementById("none").content.cloneNode(true));
  if (push) history.pushState({}, "", document.body.dataset.desk);
  document.title = text("desk");
  show();
}

// --- the seat: who has the open conversation, as its head and foot show it -----------------------

/** It may have changed. One question at a time, so that no older answer comes last; what comes meanwhile is one more. */
async function checkSeat() {
  seat.due = thread.log() !== null;
  if (seat.asking) return;
  seat.asking = true;
  while (seat.due && !pressed()) {
    seat.due = false;
    await askSeat();
  }
  seat.asking = false;
}

/** Were a button replaced while its request is under way, nobody would hear the answer: the seat is checked after it. */
const pressed = () => main.querySelector(".htmx-request");

async function askSeat() {
  const current = thread.log();
  if (!current) return;
  try {
    const box = document.createElement("template");
    box.innerHTML = await (await get(current.dataset.seatUrl)).text();
    if (current !== thread.log()) return;
    if (pressed()) seat.due = true;
    else sit(box.content.querySelector("#thread-head"), box.content.querySelector("#thread-foot"));
  } catch (error) {
    if ([403, 404].includes(error.status)) gone();
  }
}

/** The foot with what is being written stays if it would look the same, and the head with what has the focus. */
function sit(freshHead, freshFoot) {
  const [head, foot] = [document.getElementById("thread-head"), document.getElementById("thread-foot")];
  if (freshFoot.dataset.version === foot.dataset.version) {
    const named = head.querySelector("h1").textContent === freshHead.querySelector("h1").textContent;
    if (named || head.contains(document.activeElement)) return;
    head.replaceWith(freshHead);
    htmx.process(freshHead);
    return;
  }
  const focused = main.contains(document.activeElement) ? document.activeElement.id : null;
  head.replaceWith(freshHead);
  foot.replaceWith(freshFoot);
  htmx.process(main);
  composer.opened();
  if (focused !== null) (document.getElementById(focused) ?? main.querySelector("#wrap-up input, #composer-text"))?.focus();
  thread.markRead();
  customer.refresh();
}

function gone() {
  if (document.getElementById("thread-head")?.dataset.part !== "wrapup") toast(text("gone"));
  close();
}

// --- the socket --------------------------------------------------------------------------------

function onFrame(frame) {
  if (!frame.stream) return;
  const [kind, id] = frame.stream.split(":");
  if (kind === "agent") onAgent(frame);
  else if (frame.left) onLeft(id);
  else if (frame.typing) onTyping(id);
  else if (frame.here) tell("desk-here", { id, here: frame.here });
  else onConversation(id, frame);
}

function onAgent(frame) {
  if (frame.mention) panels.refresh(["mentions"]);
  const seq = frame.seq ?? frame.behind;
  // a hello tells of what came between page and socket; after a restored backup it counts from earlier
  if (seq === undefined || (frame.hello ? seq === agentSeq : seq <= agentSeq)) return;
  agentSeq = seq;
  panels.refresh(["status", "offers", "work", "mentions"], { atOnce: true });
  checkSeat();
}

function onConversation(id, frame) {
  const isOpen = id === thread.openId();
  if (frame.html !== undefined) heard(id, frame.html, frame.inbound);
  if (isOpen && frame.html !== undefined) thread.pushed(frame.seq, frame.html);
  if (isOpen && (frame.contact || frame.system)) customerMayHaveChanged();
  if (frame.behind) (isOpen ? thread.catchUp() : missed(id)).catch(seatOrWait);
  panels.refresh(["work"]);
}

/** Rows came; `inbound` is the number of the customer's newest message among them, 0 without one. */
function heard(id, html, inbound) {
  const open = id === thread.openId();
  tell("desk-heard", { id, html, inbound, open });
  if (inbound && !(open && document.hasFocus())) send({ delivered: id, seq: inbound });
}

/** What was said in a conversation that isn't open while nobody told this desk, in a cut say: it calls all the same. */
async function missed(id) {
  if (!seqs.has(id)) return; // left a moment ago
  const response = await get(`${urlOf(id)}since/?seq=${seqs.get(id)}`);
  const html = await response.text();
  send({ at: `conversation:${id}`, seq: Number(response.headers.get("Desk-Head")) });
  heard(id, html, Number(response.headers.get("Desk-Inbound")));
}

/** A system line came: they may have signed in, and have a name now. */
function customerMayHaveChanged() {
  customer.refresh();
  checkSeat();
}

const seatOrWait = (error) => [403, 404].includes(error.status) && checkSeat();

function onLeft(id) {
  seqs.delete(id);
  if (id === thread.openId()) checkSeat();
}

function onTyping(id) {
  if (id === thread.openId()) thread.showTyping(true);
  const line = document.getElementById(`line-${id}`);
  if (!line) return;
  const [words, dots] = [line.querySelector(".last:not(.is-typing)"), line.querySelector(".is-typing")];
  words.hidden = true;
  dots.hidden = false;
  setTimeout(() => ([words.hidden, dots.hidden] = [false, true]), 6000);
}

/** Connected: listen to all that is on the screen; after a cut also ask for what was missed. */
function onOpen(again) {
  for (const [id, seq] of seqs) if (id !== thread.openId()) send({ join: id, seq });
  if (thread.openId()) send({ join: thread.openId(), seq: thread.shownSeq() });
  composer.flush();
  thread.markRead();
  tell("desk-connected");
  if (!again) return;
  panels.refresh(["status", "offers", "work", "mentions"]);
  thread.catchUp().catch(seatOrWait);
  checkSeat();
  if (thread.log()) customerMayHaveChanged();
}

function onWork(lines) {
  composer.markDrafts();
  const tab = document.getElementById("work").dataset.tab;
  if (tab === "waiting") return panels.markOpen(thread.openId());
  for (const line of lines) {
    const { conversation: id, seq } = line.dataset;
    if (!seqs.has(id) && id !== thread.openId()) send({ join: id, seq: Number(seq) });
    seqs.set(id, Number(seq));
  }
  return panels.markOpen(thread.openId());
}

// --- what people do ----------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const to = (selector) => event.target.closest?.(selector);
  const link = to("a[data-open]");
  to("[popover]")?.hidePopover();
  const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (link && plain) {
    event.preventDefault();
    sheet.close();
    open(link.dataset.open);
  } else if (to("a[data-close-thread]") && plain) {
    event.preventDefault();
    close();
  } else if (to("[data-sheet-close]")) sheet.close();
  else if (to("#older")) thread.older();
  else if (to("#newest")) thread.toEnd();
  else if (to("[data-panel-toggle]")) {
    desk.dataset.side = desk.dataset.side === "open" ? "" : "open";
    document.getElementById("show-panel")?.setAttribute("aria-expanded", String(desk.dataset.side === "open"));
  } else if (to("[data-jump]")) {
    event.preventDefault();
    thread.jumpTo(to("[data-jump]").dataset.jump);
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.matches("[data-seen]")) event.detail.parameters.seen_seq = shownMessage();
});

/** The number of the newest message on the screen: what an agent has seen when they end. */
function shownMessage() {
  const rows = [...thread.log().querySelectorAll(`[data-conversation="${thread.openId()}"][data-seq]`)];
  return Math.max(0, ...rows.map((row) => Number(row.dataset.seq)));
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === sheet && !sheet.open) sheet.showModal();
});
document.addEventListener("htmx:afterRequest", () => seat.due && setTimeout(checkSeat));
hear("desk-open", ({ id }) => open(id, { focus: true }));
hear("desk-changed", () => {
  panels.refresh(["status", "offers", "work"], { atOnce: true });
  setTimeout(checkSeat);
});
hear("desk-wrapped", () => {
  close();
  document.querySelector(".list a, [role=tab]")?.focus();
});
hear("desk-done", () => sheet.close());
sheet.addEventListener("close", () => thread.keepFocus());
hear("desk-customer", () => {
  panels.refresh(["work"]);
  if (thread.log()) customerMayHaveChanged();
});
hear("toast", ({ message, kind }) => toast(message, kind));
hear("refused", ({ message }, event) => {
  const place = event.target.closest?.("form[data-refusal]")?.querySelector(".refusal");
  if (!place) return toast(message, "warn");
  place.textContent = message;
  place.hidden = false;
  return undefined;
});
document.addEventListener("htmx:sendError", () => toast(text("offline"), "bad"));
document.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(text("error"), "bad");
});
document.addEventListener("visibilitychange", () => thread.markRead());
addEventListener("focus", () => thread.markRead());
addEventListener("popstate", () => {
  const found = location.pathname.match(/conversations\/([0-9a-f-]{36})\//);
  if (found) open(found[1], { push: false });
  else close({ push: false });
});

panels.start(onWork);
connect({
  frame: onFrame,
  open: onOpen,
  state: (connected) => (document.getElementById("banner").hidden = connected),
});
if (thread.log()) show();
