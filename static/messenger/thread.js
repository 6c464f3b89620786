/** The messages of one guest session, in order and each once, with what the other side has seen of ours. */
const RANK = { Sent: 0, Delivered: 1, Read: 2 };
const NOTHING = { time: 0, at: null };

export class Thread {
  #messages = new Map();
  #marks = { Delivered: NOTHING, Read: NOTHING };
  #early = new Map(); // receipts that named a message before it came
  #sorted = null;

  /** Add or refresh a message; true if it wasn't known. */
  put(message) {
    const known = this.#messages.get(message.id);
    const clientId = message.clientId ?? known?.clientId ?? null;
    this.#messages.set(message.id, { ...known, ...message, clientId });
    this.#sorted = null;
    const early = this.#early.get(message.id);
    if (early) this.receipt(early.status, message.id, early.at);
    if (message.mine && message.status) this.receipt(message.status, message.id, null);
    return !known;
  }

  /** All up to that message are delivered or read. `at`: when (ms), if known. */
  receipt(status, id, at) {
    if (!(status in this.#marks)) return;
    const message = this.#messages.get(id);
    if (!message) {
      this.#early.set(id, { status, at });
      return;
    }
    this.#early.delete(id);
    for (const rank of ["Delivered", "Read"].slice(0, RANK[status])) {
      if (message.time > this.#marks[rank].time) this.#marks[rank] = { time: message.time, at };
    }
  }

  /** {status: "Sent"|"Delivered"|"Read", at: ms or null} of one of our messages. */
  statusOf(message) {
    for (const status of ["Read", "Delivered"]) {
      if (message.time <= this.#marks[status].time) return { status, at: this.#marks[status].at };
    }
    return { status: "Sent", at: null };
  }

  get ids() {
    return new Set(this.#messages.keys());
  }

  /** By the server's time; equal times in order of arrival. */
  get messages() {
    this.#sorted ??= [...this.#messages.values()].sort((a, b) => a.time - b.time);
    return this.#sorted;
  }

  /** The newest message of the other side, or null. */
  get lastTheirs() {
    return this.messages.findLast((message) => !message.mine && message.kind === "message") ?? null;
  }

  /** Who answered last: {name, image, bot}, or null after the conversation ended. */
  get counterpart() {
    for (const message of this.messages.toReversed()) {
      if (message.presence === "Disconnect") return null;
      if (!message.mine && message.author.name) return message.author;
    }
    return null;
  }

  clear() {
    this.#messages.clear();
    this.#early.clear();
    this.#marks = { Delivered: NOTHING, Read: NOTHING };
    this.#sorted = null;
  }
}

// --- what stands in the log ---------------------------------------------------------------------

const RUN_MS = 5 * 60_000;

/**
 * What stands in the log, top to bottom. Pure: from the thread and the outbox to a list of plain items; view.js
 * turns them into nodes and keeps the nodes whose item is the same.
 *
 * Item: {key, kind, …}. kinds: "older", "loading", "home", "day", "joined", "left", "message", "typing".
 * A message item: {message, author, mine, first, last, state, answered}
 *   first, last: of a run by one author. state: what stands under it, or null. answered: {text} of what the customer
 *   did with its buttons, pickers or form, or null.
 *
 * @param {{messages, statusOf}} thread
 * @param {object[]} pending outbox entries
 * @param {{dayLabel: (ms) => string, typing: object|null, older: boolean, loading: boolean, online: boolean}} now
 *   loading: the newest page hasn't come yet
 */
export function layOut(thread, pending, { dayLabel, typing, older, loading, online }) {
  const shown = thread.messages.filter((one) => one.kind === "message" || !one.mine || one.presence === "Disconnect");
  const all = [...shown, ...pending.map((entry) => pendingMessage(entry, online))];
  const items = loading && !all.length ? [{ key: "loading", kind: "loading" }] : [];
  if (older) items.push({ key: "older", kind: "older" });
  else if (!items.length) items.push({ key: "home", kind: "home", empty: !all.length });
  const walk = { day: null, human: null, run: null };
  for (const [index, message] of all.entries()) {
    pushDay(items, walk, message, dayLabel);
    if (message.kind === "presence") pushPresence(items, walk, message);
    else pushMessage(items, walk, message, answeredBy(message, all.slice(index + 1)));
  }
  const end = items.at(-1);
  if (end.kind === "left") end.newest = true;
  addStates(items.filter((item) => item.mine), thread);
  if (typing) items.push({ key: "typing", kind: "typing", author: typing });
  return items;
}

function pendingMessage(entry, online) {
  const state = entry.state === "failed" ? "failed" : online ? "sending" : "waiting";
  const files = entry.files.map((file) => ({ contentType: "Attachment", attachment: { ...file, filename: file.name, fileSize: file.size, mime: file.type } }));
  const content = files.length ? files : (entry.message.content ?? []);
  return {
    id: entry.id, clientId: entry.id, time: entry.at, mine: true, kind: "message", author: {},
    text: entry.text, content, pending: state, error: entry.error ?? null,
  };
}

function pushDay(items, walk, message, dayLabel) {
  const label = dayLabel(message.time);
  if (label === walk.day || (message.pending && walk.day)) return; // unsent ones stand last, whatever their day
  walk.day = label;
  walk.run = null;
  items.push({ key: `day-${new Date(message.time).toDateString()}`, kind: "day", label });
}

function pushPresence(items, walk, message) {
  if (message.presence === "Join") pushJoined(items, walk, message);
  if (message.presence !== "Disconnect") return;
  const { id, mine, time, author, readOnly } = message;
  items.push({ key: `left-${id}`, kind: "left", name: author.name, with: walk.human, byMe: mine, time, readOnly, newest: false });
  walk.human = null;
  walk.run = null;
}

/** Said once per person and stretch, whether the server announces it or the person simply writes. */
function pushJoined(items, walk, { id, author }) {
  if (!author.name || author.bot || author.name === walk.human) return;
  walk.human = author.name;
  walk.run = null;
  items.push({ key: `joined-${id}`, kind: "joined", author });
}

function pushMessage(items, walk, message, answered) {
  if (!message.mine) pushJoined(items, walk, message);
  const { mine, author, time } = message;
  const same = walk.run && walk.run.mine === mine && walk.run.author.name === author.name && time - walk.run.message.time < RUN_MS;
  if (same) walk.run.last = false;
  const key = message.clientId ? `own-${message.clientId}` : `message-${message.id}`;
  const item = { key, kind: "message", message, author, mine, first: !same, last: true, state: null, answered };
  items.push(item);
  walk.run = item;
}

/**
 * What the customer did after a message with buttons: the answer that names it, or the next thing sent where there
 * were only quick replies; null while it is open.
 */
function answeredBy(message, later) {
  if (message.mine || !message.content.length) return null;
  const sent = later.filter((one) => one.mine && one.kind === "message");
  const named = sent.find((one) => one.content.some((part) => originOf(part) === message.id));
  const quick = message.content.some((part) => part.quickReply || part.quickReplyV2);
  const next = named ?? (quick ? sent[0] : null);
  if (!next) return null;
  const pressed = next.content.filter((part) => part.buttonResponse);
  return { text: pressed.length === 1 ? pressed[0].buttonResponse.text : next.text };
}

function originOf(part) {
  return (part.buttonResponse ?? part.form)?.originatingMessageId ?? null;
}

/** A line under what isn't sent, under the newest message, and under the last one that was read. */
function addStates(mine, thread) {
  for (const item of mine) if (item.message.pending) item.state = { status: item.message.pending, error: item.message.error };
  const known = mine.filter((item) => !item.message.pending);
  const lastRead = known.findLast((item) => thread.statusOf(item.message).status === "Read");
  for (const item of new Set([known.at(-1), lastRead])) {
    if (!item) continue;
    const { status, at } = thread.statusOf(item.message);
    item.state = { status: status.toLowerCase(), at };
  }
}
