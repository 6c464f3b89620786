/**
 * The iframe with the hosted page, and the line to the script inside it (bridge.js).
 *
 * The frame says "ready" when its script runs. Only if that comes from our frame's window and our server's origin,
 * it gets one end of a private channel; from then on all goes through that. A frame that loads anew gets a new one.
 */
const SLOW_MS = 15_000;
const KEYBOARD_PX = 120; // a viewport this much lower has a keyboard over it

export class Link {
  #frame;
  #port = null;
  #waiting = [];
  #asked = new Map();
  #number = 0;
  #lent; // what keys begin with that the frame keeps in the page's storage, where its own is denied to it
  #ends = new AbortController();
  #slow = 0;

  /**
   * @param {{id: string, page: string, language: string}} of
   * @param {string} title
   * @param {{onEvent: (name: string, detail?: any) => void, onSlow: () => void}} hooks what the messenger inside tells
   */
  constructor({ id, page, language }, title, { onEvent, onSlow }) {
    const address = new URL(page);
    address.searchParams.set("embed", "1");
    address.searchParams.set("lang", language);
    this.origin = address.origin;
    this.#frame = Object.assign(document.createElement("iframe"), { src: address.href, title });
    this.#frame.allow = "clipboard-write; autoplay; fullscreen";
    this.#lent = `contactcenter.${id}.frame.`;
    this.onEvent = onEvent;
    const { signal } = this.#ends;
    addEventListener("message", (event) => this.#shake(event), { signal });
    addEventListener("storage", ({ key, newValue }) => this.#passOn(key, newValue), { signal });
    for (const name of ["resize", "scroll"]) visualViewport?.addEventListener(name, () => this.#fit(), { signal });
    this.#slow = setTimeout(onSlow, SLOW_MS);
  }

  get frame() {
    return this.#frame;
  }

  /** Call a function of the bridge; the promise is what it answers. Waits until the frame is ready. */
  call(name, ...given) {
    const id = ++this.#number;
    const answer = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    this.#post({ id, name, given });
    return answer;
  }

  end() {
    clearTimeout(this.#slow);
    this.#ends.abort();
    this.#port?.close();
    this.#frame.remove();
  }

  /** Phones lay the keyboard over the page: a panel that fills the screen is as high as what is left of it. */
  #fit() {
    const { height, offsetTop, scale } = visualViewport;
    const covered = scale === 1 && innerHeight - height > KEYBOARD_PX;
    const { style } = this.#frame.parentElement;
    style.setProperty("--seen", covered ? `${height}px` : "100%");
    style.setProperty("--top", covered ? `${offsetTop}px` : "0px");
  }

  #post(message) {
    if (this.#port) this.#port.postMessage(message);
    else this.#waiting.push(message);
  }

  #shake({ source, origin, data }) {
    if (source !== this.#frame.contentWindow || origin !== this.origin || data?.contactcenter !== "ready") return;
    clearTimeout(this.#slow);
    const { port1, port2 } = new MessageChannel();
    this.#port?.close();
    this.#port = port1;
    port1.onmessage = (event) => this.#hear(event.data);
    this.#frame.contentWindow.postMessage({ contactcenter: "hello", kept: this.#kept() }, this.origin, [port2]);
    for (const message of this.#waiting.splice(0)) port1.postMessage(message);
    this.onEvent("frame");
  }

  #kept() {
    try {
      const own = Object.entries(localStorage).filter(([key]) => key.startsWith(this.#lent));
      return Object.fromEntries(own.map(([key, value]) => [key.slice(this.#lent.length), value]));
    } catch {
      return {}; // the page's own is blocked as well
    }
  }

  #keep(name, value) {
    try {
      if (value === null) localStorage.removeItem(this.#lent + name);
      else localStorage.setItem(this.#lent + name, value);
    } catch {
      // blocked or full: this page still has it
    }
  }

  /** Another tab of this site wrote something for its frame. */
  #passOn(key, value) {
    if (key?.startsWith(this.#lent)) this.#port?.postMessage({ kept: key.slice(this.#lent.length), value });
  }

  #hear({ id, event, detail, error, keep, value }) {
    if (keep) this.#keep(keep, value);
    if (event) this.onEvent(event, detail);
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    if (error) asked.reject(new Error(error));
    else asked.resolve(detail);
  }
}
