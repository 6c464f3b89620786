/**
 * What the customer wrote and the server hasn't acknowledged. Kept in storage, so it outlives a lost line, a
 * reload and a closed browser. One message is on its way at a time: order holds, and a resend carries the same
 * id, by which the server knows it again. Tabs share the list; each sends its own entries, and takes over what
 * another tab left lying.
 *
 * Entry: {id, message (as sent), text, files: [{name, size, type, url}], at (ms), state: "waiting"|"failed", error, tries}
 */
import { uuid } from "./store.js";

const ACK_MS = 12_000;
const MOST_TRIES = 5; // without any answer; then the customer decides
const ORPHAN_MS = 20_000; // another tab had this long to send it

export class Outbox extends EventTarget {
  #store;
  #send;
  #entries;
  #mine = new Set();
  #flying = null;
  #timer = 0;
  #pausedUntil = 0;
  #open = false;

  /**
   * @param {Store} store
   * @param {(entry) => boolean} send hands the entry to the socket; false if there is no line
   */
  constructor(store, send) {
    super();
    this.#store = store;
    this.#send = send;
    this.#entries = store.get("outbox", []);
    store.watch("outbox", () => this.#follow());
  }

  get entries() {
    return this.#entries;
  }

  /** ms until which the server asked us to wait, or 0. */
  get pausedUntil() {
    return this.#pausedUntil > Date.now() ? this.#pausedUntil : 0;
  }

  /** Keep a message, then send it when its turn comes. */
  add(message, { text = "", files = [] } = {}) {
    const id = uuid();
    const kept = { ...message, metadata: { ...message.metadata, customMessageId: id } };
    const entry = { id, message: kept, text, files, at: Date.now(), state: "waiting", tries: 0 };
    this.#mine.add(id);
    this.#update((entries) => [...entries, entry]);
    this.#pump();
    return id;
  }

  /** The session is ready (or no longer): what was on its way is sent again. */
  setOpen(open) {
    this.#open = open;
    this.#land();
    this.#adopt();
  }

  /** The server has it; returns the entry, or null if it isn't ours. */
  acknowledge(id) {
    const entry = this.#entries.find((one) => one.id === id) ?? null;
    if (!entry) return null;
    if (this.#flying === id) this.#land();
    this.#update((entries) => entries.filter((one) => one.id !== id));
    this.#pump();
    return entry;
  }

  /** The server refused it for good. Without an id it was the one on its way. */
  refuse(id, error) {
    const target = id ?? this.#flying;
    if (!this.#entries.some((one) => one.id === target)) return false;
    if (this.#flying === target) this.#land();
    this.#change(target, { state: "failed", error });
    this.#pump();
    return true;
  }

  /** Too fast: keep everything, go on after so many seconds. */
  pause(seconds) {
    this.#land();
    this.#pausedUntil = Date.now() + Math.max(1, seconds) * 1000;
    this.#pump();
    this.dispatchEvent(new Event("change"));
  }

  retry(id) {
    this.#mine.add(id);
    this.#change(id, { state: "waiting", error: null, tries: 0 });
    this.#pump();
  }

  /** Take a failed message out, to edit or forget it. */
  remove(id) {
    const entry = this.#entries.find((one) => one.id === id) ?? null;
    this.#update((entries) => entries.filter((one) => one.id !== id));
    return entry;
  }

  clear() {
    this.#land();
    this.#update(() => []);
  }

  #pump() {
    if (!this.#open || this.#flying) return;
    clearTimeout(this.#timer);
    if (this.pausedUntil) {
      this.#timer = setTimeout(() => this.#pump(), this.pausedUntil - Date.now() + 50);
      return;
    }
    const next = this.#entries.find((one) => one.state === "waiting" && this.#mine.has(one.id));
    if (!next) return;
    if (next.tries >= MOST_TRIES) {
      this.refuse(next.id, { code: 0 });
      return;
    }
    if (!this.#send(next)) return;
    this.#flying = next.id;
    this.#change(next.id, { tries: next.tries + 1 });
    this.#timer = setTimeout(() => this.#unanswered(), ACK_MS);
  }

  #unanswered() {
    this.#land();
    this.dispatchEvent(new Event("unanswered"));
  }

  #land() {
    this.#flying = null;
    clearTimeout(this.#timer);
  }

  #adopt() {
    for (const entry of this.#entries) this.#mine.add(entry.id);
    this.#pump();
  }

  #change(id, values) {
    this.#update((entries) => entries.map((one) => (one.id === id ? { ...one, ...values } : one)));
  }

  /** Read, change, write in one go: another tab may have added an entry meanwhile. */
  #update(change) {
    this.#entries = change(this.#store.get("outbox", []));
    this.#store.set("outbox", this.#entries.length ? this.#entries : null);
    this.dispatchEvent(new Event("change"));
  }

  /** Another tab wrote: take its state. What it got acknowledged is in the history. */
  #follow() {
    const gone = new Set(this.#entries.map((one) => one.id));
    this.#entries = this.#store.get("outbox", []);
    for (const entry of this.#entries) gone.delete(entry.id);
    if (gone.has(this.#flying)) this.#land();
    if (gone.size) this.dispatchEvent(new Event("elsewhere"));
    this.dispatchEvent(new Event("change"));
    if (this.#entries.length) setTimeout(() => this.#adopt(), ORPHAN_MS);
  }
}
