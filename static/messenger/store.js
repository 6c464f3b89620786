/** What this browser remembers for one deployment. Falls back to memory where storage is blocked or full. */
import { byteLength, frames, withAttributes } from "./protocol.js";

const MOST_BYTES = 2048; // keys and values together, as the server counts them
const GATHER_MS = { Delivered: 200, Read: 400 };

/** A random UUID; crypto.randomUUID exists only on secure origins, and a shop's intranet may not be one. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Store {
  name;
  #storage;
  #memory = new Map(); // what storage refused, by its full key: newer than what it has
  #prefix;

  /**
   * @param {string} deploymentId each deployment has its own guest session, outbox and draft
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage null where the browser allows none
   */
  constructor(deploymentId, storage) {
    this.name = `messenger.${deploymentId}`;
    this.#prefix = `${this.name}.`;
    this.#storage = storage;
  }

  /** The JSON value kept under a name, or `fallback`. */
  get(name, fallback = null) {
    return this.#read(this.#prefix + name) ?? fallback;
  }

  /** Keep a JSON value; null removes it. */
  set(name, value) {
    const key = this.#prefix + name;
    try {
      if (value === null) this.#storage.removeItem(key);
      else this.#storage.setItem(key, JSON.stringify(value));
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, value);
    }
  }

  /** All values under names that begin with `start`. */
  list(start) {
    const begin = this.#prefix + start;
    const keys = new Set([...this.#keys(), ...this.#memory.keys()]);
    return [...keys].filter((key) => key.startsWith(begin)).map((key) => this.#read(key)).filter(Boolean);
  }

  /** Call back with the name when another tab changes one that begins with `start`. */
  watch(start, callback) {
    addEventListener("storage", ({ key }) => {
      if (key?.startsWith(this.#prefix + start)) callback(key.slice(this.#prefix.length));
    });
  }

  /** The guest session's token: made once, here; whoever has it is the session. */
  token() {
    return this.get("token") ?? this.renewToken();
  }

  renewToken() {
    const fresh = uuid();
    this.set("token", fresh);
    return fresh;
  }

  /** Keep nothing at all, for who comes next to this machine. */
  forget() {
    const keys = new Set([...this.#keys(), ...this.#memory.keys()]);
    for (const key of keys) if (key.startsWith(this.#prefix)) this.set(key.slice(this.#prefix.length), null);
    this.#memory.clear();
  }

  #read(key) {
    if (this.#memory.has(key)) return this.#memory.get(key);
    try {
      return JSON.parse(this.#storage.getItem(key));
    } catch {
      return null;
    }
  }

  #keys() {
    try {
      return Object.keys(this.#storage);
    } catch {
      return [];
    }
  }
}

/** Custom attributes that wait for the customer's next message: from the host page, the address, the campaign. */
export class Attributes {
  #store;

  /** @param {Object<string, string>} campaign goes out with the first message of this browser's session */
  constructor(store, campaign = {}) {
    this.#store = store;
    if (Object.keys(campaign).length) this.set(campaign);
  }

  /** Add to what waits; a null value takes a key out. @returns {boolean} false: too much, nothing was added */
  set(values) {
    const merged = { ...this.#store.get("attributes", {}) };
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === undefined) delete merged[key];
      else merged[key] = String(value);
    }
    if (byteLength(JSON.stringify(merged)) > MOST_BYTES) return false;
    this.#store.set("attributes", Object.keys(merged).length ? merged : null);
    return true;
  }

  /** The message with all that waited, which then waits no longer: the server keeps it with the conversation. */
  onto(message) {
    const waiting = this.#store.get("attributes", {});
    this.#store.set("attributes", null);
    return withAttributes(message, waiting);
  }
}

/**
 * What arrived here (delivered) and what was on a visible, focused screen (read): kept over reloads and tabs, and
 * told to the other side where it listens. One frame for a burst; each mark goes out once per session.
 */
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
