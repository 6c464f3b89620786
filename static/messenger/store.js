/** What this browser remembers for one deployment. Falls back to memory where storage is blocked or full. */

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
   * @param {Storage|null} storage null where the browser allows none
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
