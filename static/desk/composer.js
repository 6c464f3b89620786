/**
 * Writing: the form under a thread, its drafts, and what becomes of it when it is sent. What is written is kept in
 * this browser with its conversation (text, mode, files, rich content, mentions) until the server has it.
 */
import { hear } from "../design/events.js";
import { clearContent, contentOf, putContent } from "./content.js";
import { clearMentions, mentionsIn, putMentions } from "./mentions.js";
import { kept, me, text, toast } from "./net.js";
import * as outbox from "./outbox.js";
import { bubble, drop, leave, mark } from "./pending.js";
import { setting } from "./settings.js";
import { send as frame } from "./socket.js";
import { apply, log, openId, toEnd } from "./thread.js";
import { clearFiles, drawFiles, listenFiles, putFiles, uploaded, uploading } from "./uploads.js";

const TYPING_EVERY = 2500; // ms between two signs of typing
const draftKey = (conversation) => `draft:${me}:${conversation}`;
const form = () => document.getElementById("composer");
const box = () => document.getElementById("composer-text");
const current = () => form().dataset.conversation;
let typedAt = 0;
let asked = ""; // the conversation whose reply was sent while a file of it was on its way

export const flush = outbox.flush;

/** A composer has just been put into the page. */
export function opened() {
  for (const item of log() ? outbox.waiting(openId()) : []) bubble(item, look());
  if (!form()) return;
  const draft = kept.read(draftKey(current()), null);
  if (draft && !box().value) fill(draft);
  setMode(draft?.mode ?? form().dataset.mode);
  drawFiles();
  size();
}

function fill({ text: words, files = [], content = [], mentions = [] }) {
  box().value = words;
  putFiles(current(), files);
  putContent(current(), content);
  putMentions(current(), mentions);
}

const look = () => ({ markdown: "markdown" in (form()?.dataset ?? {}) });

function setMode(mode) {
  const tab = document.getElementById(`mode-${mode}`) ?? document.getElementById("mode-note");
  const chosen = tab.dataset.modeSet;
  for (const one of form().querySelectorAll("[data-mode-set]")) {
    one.setAttribute("aria-selected", String(one === tab));
    one.tabIndex = one === tab ? 0 : -1;
  }
  form().dataset.mode = chosen;
  const label = box().dataset[`${chosen}Label`];
  box().placeholder = box().dataset[`${chosen}Hint`] ?? label;
  box().setAttribute("aria-label", label);
  count();
}

/** What is being written, as it is kept. */
function draftOf(conversation) {
  return {
    text: box().value, mode: form().dataset.mode, files: uploaded(conversation), content: contentOf(conversation),
    mentions: mentionsIn(conversation, box().value),
  };
}

function save() {
  write(current(), draftOf(current()));
}

function write(conversation, draft) {
  const empty = !draft.text && !draft.files?.length && !draft.content?.length;
  kept.write(draftKey(conversation), empty ? null : draft);
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
  const length = [...box().value.trim()].length; // as the server counts
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
  const reply = mode === "reply";
  const value = box().value.trim();
  asked = reply && uploading(conversation) ? conversation : "";
  if (asked) return fault(text("wait"));
  const { files, content, mentions } = draftOf(conversation);
  if (!value && !(reply && files.length + content.length)) return undefined;
  if (!count()) return fault(text("tooLong", { length: [...value].length, limit }));
  const item = {
    id: crypto.randomUUID(), conversation, mode, text: value, url: reply ? replyUrl : noteUrl,
    files: reply ? files : [], content: reply ? content : [], mentions: reply ? [] : mentions,
    due: reply && setting("undo") ? Date.now() + setting("undo") * 1000 : 0,
  };
  outbox.add(item);
  bubble(item, look());
  empty(conversation, reply);
  toEnd();
  return undefined;
}

/** A note leaves the files where they are: they belong to the next reply. */
function empty(conversation, reply) {
  fault("");
  box().value = "";
  clearMentions(conversation);
  if (reply) clearFiles(conversation);
  if (reply) clearContent(conversation);
  save();
  size();
  count();
}

// --- what comes back ------------------------------------------------------------------------------

/** A message that isn't sent goes back to where it was written, before what was written since. */
function putBack(item, reason = "") {
  const here = openId() === item.conversation && form();
  const draft = here ? draftOf(item.conversation) : kept.read(draftKey(item.conversation), {});
  const merged = {
    text: [item.text, draft.text].filter(Boolean).join("\n"), mode: item.mode,
    files: [...item.files, ...(draft.files ?? [])], content: [...(item.content ?? []), ...(draft.content ?? [])],
    mentions: [...(item.mentions ?? []), ...(draft.mentions ?? [])],
  };
  write(item.conversation, merged);
  if (!here) return reason && toast(reason, "bad");
  drop(item);
  clearContent(item.conversation);
  fill(merged);
  setMode(item.mode);
  save();
  size();
  fault(reason);
  box().focus();
  return undefined;
}

/** Take a held message back: the one that is named, else the last of the open conversation. */
function takeBack(id) {
  const item = outbox.undo(id ?? outbox.waiting(openId()).filter(outbox.leftOf).at(-1)?.id);
  if (item) putBack(item);
  return Boolean(item);
}

outbox.listen({
  sent: (item, html) => openId() === item.conversation && apply(html),
  refused: (item, error) => putBack(item, error.message),
  retrying: (item) => {
    leave(item);
    mark(item, text("retrying"));
  },
  released: leave,
});
/** Its last file is there: now the reply can leave. */
function go(conversation) {
  if (conversation !== openId() || !form()) return;
  save();
  if (asked === conversation && !uploading(conversation)) submit();
}

listenFiles({
  failed: (reason, conversation) => {
    asked = "";
    return conversation === openId() && form() ? fault(reason) : toast(reason, "bad");
  },
  changed: go,
});

// --- what people do -------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  submit();
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.target === box() && event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape" && !box()?.value && !event.target.closest?.("dialog, input, [popover]")) {
    if (form() && takeBack()) event.preventDefault();
  }
});
document.addEventListener("input", (event) => {
  if (event.target !== box()) return;
  asked = ""; // they write on
  save();
  size();
  count();
  if (!document.getElementById("composer-error").hidden) fault("");
  if (Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  frame(form().dataset.mode === "reply" ? { typing: current() } : { here: current(), doing: "note" });
});
hear("composer-changed", () => form() && save());
document.addEventListener("click", (event) => {
  const to = (selector) => event.target.closest?.(selector);
  if (to("[data-undo]")) takeBack(to("[data-undo]").dataset.undo);
  else if (to("[data-send-now]")) outbox.release(openId());
  else if (to("[data-mode-set]")) {
    setMode(to("[data-mode-set]").dataset.modeSet);
    save();
    box().focus();
  } else if (to("#content-open")) void build(null);
  else if (to("[data-rich-edit]")) void build(Number(to("[data-rich-edit]").dataset.richEdit));
});
/** The form for rich content: for a new one, or for the one at a place of those that go with the next reply. */
async function build(place) {
  const { open } = await import("./builder.js");
  open(place);
}
/** Ending, parking or handing over waits for what was written before it: else the message would begin anew. */
document.addEventListener("htmx:confirm", (event) => {
  const elt = event.detail.elt;
  const acts = event.detail.verb === "post" && elt.closest("#thread-head, #sheet");
  const conversation = openId();
  if (!acts || !conversation || !outbox.waiting(conversation).length) return;
  event.preventDefault();
  outbox.release(conversation);
  void outbox.settled(conversation).then((gone) => (gone ? event.detail.issueRequest(true) : toast(text("unsent"), "warn")));
});
