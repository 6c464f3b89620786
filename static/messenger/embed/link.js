/**
 * The iframe with the hosted page, and the line to the script inside it (bridge.js).
 *
 * The frame says "ready" when its script runs. Only if that comes from our frame's window and our server's origin,
 * it gets one end of a private channel; from then on all goes through that. A frame that loads anew gets a new one.
 */
const SLOW_MS = 15_000;

export class Link {
  #frame;
  #port = null;
  #waiting = [];
  #asked = new Map();
  #number = 0;
  #heard;
  #slow = 0;

  /** @param {(name: string, detail: any) => void} onEvent what the messenger inside tells */
  constructor(page, title, language, { onEvent, onSlow }) {
    this.origin = new URL(page).origin;
    this.#frame = document.createElement("iframe");
    const address = new URL(page);
    address.searchParams.set("embed", "1");
    address.searchParams.set("lang", language);
    this.#frame.src = address.href;
    this.#frame.title = title;
    this.#frame.allow = "clipboard-write; autoplay; fullscreen";
    this.#heard = (event) => this.#shake(event);
    this.onEvent = onEvent;
    addEventListener("message", this.#heard);
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
    removeEventListener("message", this.#heard);
    this.#port?.close();
    this.#frame.remove();
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
    this.#frame.contentWindow.postMessage({ contactcenter: "hello" }, this.origin, [port2]);
    for (const message of this.#waiting.splice(0)) port1.postMessage(message);
    this.onEvent("frame");
  }

  #hear({ id, event, detail, error }) {
    if (event) this.onEvent(event, detail);
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    if (error) asked.reject(new Error(error));
    else asked.resolve(detail);
  }
}
