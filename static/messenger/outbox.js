/**
 * What the customer wrote and the server hasn't acknowledged. Each message is a key of its own in storage, so that
 * it outlives a lost line, a reload and a closed browser, and tabs never overwrite each other's. One message is on
 * its way at a time, over all tabs: a lock is held from sending to the answer, and whoever has a line sends the
 * oldest, whoever wrote it. A resend carries the same id, by which the server knows it again.
 *
 * Entry: {id, message (as sent), text, files: [{name, size, type, url}], at (ms), state: "waiting"|"failed", error, tries}
 */
import { uuid } from "./store.js";

const ACK_MS = 12_000;
const MOST_TRIES = 5; // without any answer; then the customer decides
const ORPHAN_MS = 20_000; // without locks: another tab had this long to send it

export class Outbox extends EventTarget {
  #store;
  #send;
  #entries = [];
  #own = new Set(); // where there are no locks a tab sends these, and others' only when they are left lying
  #flight = null; // {id, land: (again) => void} of the message on its way
  #pumping = false;
  #timer = 0;
  #pausedUntil = 0;
  #open = false;
  #locks = navigator.locks; // a frame on a foreign site may be denied them

  /**
   * @param {import("./store.js").Store} store
   * @param {(entry) => boolean} send hands the entry to the socket; false if there is no line
   */
  constructor(store, send) {
    super();
    this.#store = store;
    this.#send = send;
    this.#read();
    store.watch("outbox.", () => this.#follow());
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
    const at = Math.max(Date.now(), (this.#entries.at(-1)?.at ?? 0) + 1);
    this.#own.add(id);
    this.#keep({ id, message: kept, text, files, at, state: "waiting", tries: 0 });
    this.#pump();
    return id;
  }

  /** The session is ready (or no longer): what was on its way is sent again. */
  setOpen(open) {
    this.#open = open;
    this.#flight?.land();
    this.#adopt();
  }

  /** The server has it; returns the entry, or null if it isn't ours. */
  acknowledge(id) {
    const entry = this.remove(id);
    if (this.#flight?.id === id) this.#flight.land();
    return entry;
  }

  /** The server refused it for good. Without an id it was the one on its way. Returns the entry, or null. */
  refuse(id, error) {
    const entry = this.#find(id ?? this.#flight?.id);
    if (!entry) return null;
    this.#keep({ ...entry, state: "failed", error });
    if (this.#flight?.id === entry.id) this.#flight.land();
    return entry;
  }

  /** Too fast: keep everything, go on after so many seconds. */
  pause(seconds) {
    this.#pausedUntil = Date.now() + Math.max(1, seconds) * 1000;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pump(), this.#pausedUntil - Date.now() + 50);
    this.#flight?.land();
    this.#changed();
  }

  retry(id) {
    const entry = this.#find(id);
    if (!entry) return;
    this.#own.add(id);
    this.#keep({ ...entry, state: "waiting", error: null, tries: 0 });
    this.#pump();
  }

  /** Take a message out: acknowledged, or to edit or forget it. */
  remove(id) {
    const entry = this.#find(id);
    if (entry) {
      this.#store.set(`outbox.${id}`, null);
      this.#read();
      this.#changed();
    }
    return entry;
  }

  clear() {
    for (const { id } of this.#entries) this.#store.set(`outbox.${id}`, null);
    this.#read();
    this.#flight?.land();
    this.#changed();
  }

  async #pump() {
    if (this.#pumping || !this.#next()) return;
    this.#pumping = true;
    try {
      if (this.#locks) await this.#locks.request(`${this.#store.name}.send`, () => this.#sendAll());
      else await this.#sendAll();
    } catch (error) {
      if (error.name !== "SecurityError") throw error;
      this.#locks = null;
      for (const { id } of this.#entries) this.#own.add(id);
    } finally {
      this.#pumping = false;
    }
    if (this.#next()) this.#pump();
  }

  async #sendAll() {
    this.#read(); // another tab may have sent some while we waited for the lock
    for (let entry = this.#next(); entry; entry = this.#next()) {
      if (entry.tries >= MOST_TRIES) this.refuse(entry.id, { code: 0 });
      else if (!(await this.#fly(entry))) return;
    }
  }

  /** Send one and wait for its answer; false if it can't be told whether there will be one. */
  #fly(entry) {
    return new Promise((done) => {
      const timer = setTimeout(() => {
        this.#flight.land();
        this.dispatchEvent(new Event("unanswered"));
      }, ACK_MS);
      const land = () => {
        clearTimeout(timer);
        this.#flight = null;
        done(this.#open);
      };
      this.#flight = { id: entry.id, land };
      this.#keep({ ...entry, tries: entry.tries + 1 });
      if (!this.#send(entry)) {
        this.#open = false;
        land();
      }
    });
  }

  #next() {
    if (!this.#open || this.pausedUntil) return null;
    return this.#entries.find(({ id, state }) => state === "waiting" && (this.#locks || this.#own.has(id)));
  }

  #adopt() {
    for (const { id } of this.#entries) this.#own.add(id);
    this.#pump();
  }

  #find(id) {
    return this.#entries.find((one) => one.id === id) ?? null;
  }

  #keep(entry) {
    this.#store.set(`outbox.${entry.id}`, entry);
    this.#read();
    this.#changed();
  }

  #read() {
    this.#entries = this.#store.list("outbox.").sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  /** Another tab wrote. What it got acknowledged is in the history. */
  #follow() {
    const gone = new Set(this.#entries.map((one) => one.id));
    this.#read();
    for (const { id } of this.#entries) gone.delete(id);
    if (gone.has(this.#flight?.id)) this.#flight.land();
    if (gone.size) this.dispatchEvent(new Event("elsewhere"));
    this.#changed();
    this.#pump();
    if (!navigator.locks && this.#entries.length) setTimeout(() => this.#adopt(), ORPHAN_MS);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
