/**
 * What was sent and the server doesn't have yet. A message gets its id when it is written and keeps it through every
 * retry, so it can't be sent twice; it stays in this browser until the server has it, so it can't be lost. Messages of
 * a conversation go out one by one. One with `due` is held until then, and can be taken back.
 */
import { kept, me, post, Refused } from "./net.js";

const OUTBOX = `outbox:${me}`;
const LONGEST_HOLD = 15_000; // ms: a clock that was set back holds nothing for longer
const sending = new Set(); // conversations with a message under way
const waits = new Map(); // conversation → timer of the next try
const watched = new Set(); // {conversation, done}: who waits for a conversation's last message to be gone
let unkept = null; // the list itself where the browser doesn't store it
/** @type {Record<string, (...about: any[]) => unknown>} */
let hooks = { sent() {}, refused() {}, retrying() {}, released() {} };

/** `sent(item, html)`, `refused(item, error)`, `retrying(item)`, `released(item)` are called. */
export function listen(callbacks) {
  hooks = { ...hooks, ...callbacks };
}

/** All that waits, oldest first; of one conversation if it is named. */
export function waiting(conversation = null) {
  const all = unkept ?? kept.read(OUTBOX, []);
  return conversation ? all.filter((item) => item.conversation === conversation) : all;
}

function store(items) {
  kept.write(OUTBOX, items);
  unkept = JSON.stringify(kept.read(OUTBOX, [])) === JSON.stringify(items) ? null : items;
  for (const one of watched) if (!waiting(one.conversation).length) one.done(true);
}

/** Milliseconds until a held message leaves; 0: it isn't held. */
export function leftOf(item) {
  const left = (item.due ?? 0) - Date.now();
  return left > 0 && left <= LONGEST_HOLD ? left : 0;
}

/** One more to send. */
export function add(item) {
  store([...waiting(), item]);
  void next(item.conversation);
}

/** Take a held message back: it is never sent. Null: it has left. */
export function undo(id) {
  const item = waiting().find((one) => one.id === id);
  if (!item || !leftOf(item)) return null;
  remove(item);
  return item;
}

/** Hold nothing of this conversation any longer. */
export function release(conversation) {
  const held = waiting(conversation).filter(leftOf);
  store(waiting().map((one) => (one.conversation === conversation ? { ...one, due: 0 } : one)));
  for (const item of held) hooks.released(item);
  clearTimeout(waits.get(conversation));
  void next(conversation);
}

/** Resolves when nothing of a conversation waits any more (true), or after `patience` ms (false). */
export function settled(conversation, patience = 6_000) {
  if (!waiting(conversation).length) return Promise.resolve(true);
  return new Promise((resolve) => {
    const one = { conversation, done };
    function done(gone) {
      watched.delete(one);
      clearTimeout(timer);
      resolve(gone);
    }
    const timer = setTimeout(() => one.done(false), patience);
    watched.add(one);
  });
}

/** Send whatever an earlier page, or a lost connection, left behind. */
export function flush() {
  for (const conversation of new Set(waiting().map((item) => item.conversation))) {
    clearTimeout(waits.get(conversation));
    void next(conversation);
  }
}

/** The next message of a conversation, if none is under way. */
export async function next(conversation) {
  const [item] = waiting(conversation);
  if (!item || sending.has(conversation)) return;
  const left = leftOf(item);
  if (left) {
    later(conversation, left);
    return;
  }
  sending.add(conversation);
  try {
    if (item.due) hooks.released(item);
    const html = await (await post(item.url, fields(item))).text();
    remove(item);
    hooks.sent(item, html);
  } catch (error) {
    failed(item, error);
    return;
  } finally {
    sending.delete(conversation);
  }
  void next(conversation);
}

function fields(item) {
  return {
    client_id: item.id, text: item.text, uploads: item.files.map((file) => file.id).join(" "),
    content: JSON.stringify(item.content ?? []), mentions: (item.mentions ?? []).map((one) => one.id).join(" "),
  };
}

function later(conversation, ms) {
  clearTimeout(waits.get(conversation));
  waits.set(conversation, setTimeout(() => next(conversation), ms));
}

function remove(item) {
  store(waiting().filter((one) => one.id !== item.id));
}

/** Refused for good: back to who wrote it. Anything else is tried again, later and later. */
function failed(item, error) {
  if (error instanceof Refused && error.status < 500 && ![401, 429].includes(error.status)) {
    remove(item);
    sending.delete(item.conversation);
    hooks.refused(item, error);
    void next(item.conversation);
    return;
  }
  const tries = (item.tries ?? 0) + 1;
  store(waiting().map((one) => (one.id === item.id ? { ...one, tries, due: 0 } : one)));
  hooks.retrying(item);
  const seconds = error.retryAfter || Math.min(15, 2 ** (tries - 1));
  later(item.conversation, seconds * (700 + Math.random() * 600));
}

addEventListener("online", flush);
