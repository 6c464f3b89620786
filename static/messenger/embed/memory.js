/**
 * What the loader remembers on the company's site: whether there is a conversation (then the frame is loaded at once,
 * for the badge and the teaser), and for this tab whether the panel was open and which teaser was dismissed.
 * The conversation itself is kept by the frame, under its own origin. Blocked storage only costs this convenience.
 */
export class Memory {
  #prefix;

  constructor(id) {
    this.#prefix = `contactcenter.${id}.`;
  }

  get conversation() {
    return this.#read("localStorage", "conversation") !== null;
  }

  set conversation(has) {
    this.#write("localStorage", "conversation", has ? "1" : null);
  }

  get open() {
    return this.#read("sessionStorage", "open") !== null;
  }

  set open(is) {
    this.#write("sessionStorage", "open", is ? "1" : null);
  }

  get dismissed() {
    return this.#read("sessionStorage", "dismissed");
  }

  set dismissed(messageId) {
    this.#write("sessionStorage", "dismissed", messageId);
  }

  #read(kind, name) {
    try {
      return globalThis[kind].getItem(this.#prefix + name);
    } catch {
      return null;
    }
  }

  #write(kind, name, value) {
    try {
      if (value === null) globalThis[kind].removeItem(this.#prefix + name);
      else globalThis[kind].setItem(this.#prefix + name, value);
    } catch {
      // blocked: the next page starts closed
    }
  }
}
