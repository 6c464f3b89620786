/**
 * What arrived here (delivered) and what was on a visible, focused screen (read): kept over reloads and tabs, and
 * told to the other side where it listens. One frame for a burst; each mark goes out once per session.
 */
import { frames } from "./protocol.js";

const GATHER_MS = { Delivered: 200, Read: 400 };

export class Receipts {
  #store;
  #send;
  #changed;
  #timers = {};

  /**
   * @param {(frame) => boolean} send false if there is no line: it goes out with the next mark
   * @param {() => void} changed more was seen: who counts the unread counts again
   */
  constructor(store, send, changed) {
    this.#store = store;
    this.#send = send;
    this.#changed = changed;
  }

  /** The newest of their messages has this status now. */
  mark(status, message) {
    if (!message || message.time <= this.seen(status)) return;
    clearTimeout(this.#timers[status]);
    this.#timers[status] = setTimeout(() => this.#report(status, message), GATHER_MS[status]);
  }

  /** The time (ms) of the newest of their messages with this status; 0: none. */
  seen(status) {
    return this.#store.get("seen", {})[status] ?? 0;
  }

  /** A new session starts with nothing seen. */
  reset() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#store.set("seen", null);
  }

  #report(status, message) {
    if (message.time <= this.seen(status)) return; // another tab was first
    if (!this.#send(frames.receipt(status, message.id))) return;
    this.#store.set("seen", { ...this.#store.get("seen", {}), [status]: message.time });
    this.#changed();
  }
}
