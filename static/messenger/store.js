/** What this browser remembers for one deployment. Falls back to memory where storage is blocked. */

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
  #memory = new Map();
  #unwritten = new Set(); // names that storage refused: memory is newer
  #prefix;

  /** @param {string} deploymentId each deployment has its own guest session, outbox and draft */
  constructor(deploymentId) {
    this.#prefix = `messenger.${deploymentId}.`;
  }

  /** The JSON value kept under a name, or `fallback`. */
  get(name, fallback = null) {
    if (this.#unwritten.has(name)) return this.#memory.get(name) ?? fallback;
    try {
      const text = localStorage.getItem(this.#prefix + name);
      return text === null ? fallback : JSON.parse(text);
    } catch {
      return this.#memory.get(name) ?? fallback;
    }
  }

  /** Keep a JSON value; null removes it. */
  set(name, value) {
    this.#memory.set(name, value);
    try {
      if (value === null) localStorage.removeItem(this.#prefix + name);
      else localStorage.setItem(this.#prefix + name, JSON.stringify(value));
      this.#unwritten.delete(name);
    } catch {
      this.#unwritten.add(name); // blocked or full: this page still has it
    }
  }

  /** Call back when another tab changes the name. */
  watch(name, callback) {
    addEventListener("storage", (event) => {
      if (event.key === this.#prefix + name) callback();
    });
  }

  /** The guest session's token: made once, here; whoever has it is the session. */
  token() {
    const kept = this.get("token");
    return kept ?? this.renewToken();
  }

  renewToken() {
    const fresh = uuid();
    this.set("token", fresh);
    return fresh;
  }
}
