/**
 * Writing. A message gets its id here and keeps it through every retry, so it can't be sent twice; it stays in
 * this browser until the server has it, so it can't be lost. Messages of a conversation go out one by one.
 */
import { kept, me, post, Refused, text, toast } from "./net.js";
import { send as frame } from "./socket.js";
import { apply, log, openId, toEnd } from "./thread.js";
import { clearFiles, onFailure, readyFiles, takeBack } from "./uploads.js";

const OUTBOX = `outbox:${me}`;
const draftKey = (conversation) => `draft:${me}:${conversation}`;
const form = () => document.getElementById("composer");
const box = () => document.getElementById("composer-text");
const sending = new Set(); // conversations with a message under way
const waits = new Map(); // conversation → timer of the next try
let typedAt = 0;

/** A composer has just been put into the page. */
export function opened() {
  if (!form()) return;
  const draft = kept.read(draftKey(form().dataset.conversation), null);
  if (draft && !box().value) box().value = draft.text;
  setMode(draft?.mode ?? form().dataset.mode);
  size();
  for (const item of outbox()) if (item.conversation === openId()) bubble(item);
}

/** Send whatever an earlier page, or a lost connection, left behind. */
export function flush() {
  for (const conversation of new Set(outbox().map((item) => item.conversation))) {
    clearTimeout(waits.get(conversation));
    void next(conversation);
  }
}

const outbox = () => kept.read(OUTBOX, []);
const store = (items) => kept.write(OUTBOX, items);

function setMode(mode) {
  const tab = document.getElementById(`mode-${mode}`) ?? document.getElementById("mode-note");
  const chosen = tab.dataset.modeSet;
  for (const one of form().querySelectorAll("[data-mode-set]")) {
    one.setAttribute("aria-selected", String(one === tab));
    one.tabIndex = one === tab ? 0 : -1;
  }
  form().dataset.mode = chosen;
  const label = box().dataset[`${chosen}Label`];
  box().placeholder = label;
  box().setAttribute("aria-label", label);
  count();
}

function save() {
  const value = box().value;
  const draft = value ? { text: value, mode: form().dataset.mode } : null;
  kept.write(draftKey(form().dataset.conversation), draft);
  markDrafts();
}

/** Say in the lists where something is written and not sent. */
export function markDrafts() {
  for (const line of document.querySelectorAll(".list .conv[data-conversation]")) {
    const chip = line.querySelector(".draft");
    if (chip) chip.hidden = !kept.read(draftKey(line.dataset.conversation), null);
  }
}

function size() {
  box().style.height = "auto";
  box().style.height = `${Math.min(box().scrollHeight, 200)}px`;
}

/** How much of the limit is used, once it comes near. */
function count() {
  const limit = form().dataset.mode === "reply" ? Number(form().dataset.limit) : Infinity;
  const length = box().value.length;
  const node = document.getElementById("composer-count");
  node.hidden = length < limit * 0.9;
  node.textContent = text("count", { length, limit });
  node.classList.toggle("bad-t", length > limit);
  return length <= limit;
}

/** Say beside the composer what is wrong; "" takes it back. */
export function fault(message) {
  const node = document.getElementById("composer-error");
  node.querySelector("span").textContent = message;
  node.hidden = !message;
  box().setAttribute("aria-invalid", String(Boolean(message)));
}

function submit() {
  const { conversation, mode, limit, replyUrl, noteUrl } = form().dataset;
  const value = box().value.trim();
  const files = mode === "reply" ? readyFiles() : [];
  if (files === null) return fault(text("wait"));
  if (!value && !files.length) return undefined;
  if (!count()) return fault(text("tooLong", { length: value.length, limit }));
  const item = {
    id: crypto.randomUUID(), conversation, mode, text: value, files, url: mode === "note" ? noteUrl : replyUrl,
  };
  store([...outbox(), item]);
  fault("");
  box().value = "";
  clearFiles();
  save();
  size();
  count();
  bubble(item);
  toEnd();
  void next(conversation);
  return undefined;
}

/** The message at once, as it will look; the server's answer changes this very node. */
function bubble(item) {
  if (log().querySelector(`[data-client-id="${item.id}"]`)) return;
  const node = document.getElementById("pending").content.firstElementChild.cloneNode(true);
  node.dataset.clientId = item.id;
  node.classList.add(item.mode === "note" ? "note" : "out", "mine");
  node.querySelector("p").textContent = item.text || item.files.map((file) => file.name).join(", ");
  document.getElementById("typing").before(node);
}

function mark(item, words) {
  const node = log()?.querySelector(`.pending[data-client-id="${item.id}"] .state`);
  if (node) node.textContent = words;
}

async function next(conversation) {
  const item = outbox().find((one) => one.conversation === conversation);
  if (!item || sending.has(conversation)) return;
  sending.add(conversation);
  try {
    const fields = { client_id: item.id, text: item.text, uploads: item.files.map((file) => file.id).join(" ") };
    const html = await (await post(item.url, fields)).text();
    done(item);
    if (openId() === conversation) apply(html);
  } catch (error) {
    if (error instanceof Refused && error.status < 500 && ![401, 429].includes(error.status)) refused(item, error);
    else again(item, error);
    return;
  } finally {
    sending.delete(conversation);
  }
  void next(conversation);
}

function done(item) {
  store(outbox().filter((one) => one.id !== item.id));
}

function again(item, error) {
  item.tries = (item.tries ?? 0) + 1;
  store(outbox().map((one) => (one.id === item.id ? item : one)));
  mark(item, text("retrying"));
  const seconds = error.retryAfter || Math.min(15, 2 ** (item.tries - 1));
  clearTimeout(waits.get(item.conversation));
  waits.set(item.conversation, setTimeout(() => next(item.conversation), seconds * (700 + Math.random() * 600)));
}

/** Not taken: the words go back to where they were written, with the reason beside them. */
function refused(item, error) {
  done(item);
  const draft = kept.read(draftKey(item.conversation), null);
  const words = [item.text, draft?.text].filter(Boolean).join("\n");
  kept.write(draftKey(item.conversation), { text: words, mode: item.mode });
  markDrafts();
  if (openId() !== item.conversation || !form()) return toast(error.message, "bad");
  log().querySelector(`.pending[data-client-id="${item.id}"]`)?.remove();
  box().value = words;
  takeBack(item.files);
  setMode(item.mode);
  size();
  fault(error.message);
  box().focus();
  void next(item.conversation);
  return undefined;
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  submit();
});
document.addEventListener("keydown", (event) => {
  if (event.target !== box() || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
document.addEventListener("input", (event) => {
  if (event.target !== box()) return;
  save();
  size();
  count();
  if (!document.getElementById("composer-error").hidden) fault("");
  if (form().dataset.mode !== "reply" || Date.now() - typedAt < 2500) return;
  typedAt = Date.now();
  frame({ typing: form().dataset.conversation });
});
document.addEventListener("click", (event) => {
  const tab = event.target.closest?.("[data-mode-set]");
  if (!tab) return;
  setMode(tab.dataset.modeSet);
  save();
  box().focus();
});
addEventListener("online", flush);
onFailure(fault);
