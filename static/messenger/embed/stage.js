/**
 * The admin's preview: a stage around the messenger, built before main.js runs. The socket is an actor that plays the
 * server with sample messages; storage forgets. The page's policy allows no connection anyway.
 */
import { Kept } from "./kept.js";

const { preview, labels, look, conversations } = JSON.parse(document.getElementById("messenger-config").textContent);
const AGENT = "Ana";

class Actor extends EventTarget {
  static OPEN = 1;
  static #said = Date.now() - 90_000;
  readyState = 1;

  constructor() {
    super();
    queueMicrotask(() => this.#raise("open", new Event("open")));
  }

  send(text) {
    const { action, tracingId, message } = JSON.parse(text);
    if (action === "configureSession") this.#begin(tracingId);
    if (action === "onMessage" && message?.text) this.#say({ ...message, direction: "Inbound" }, tracingId);
  }

  close() {}

  #begin(tracingId) {
    this.#answer("SessionResponse", { connected: true, newSession: true, readOnly: false }, tracingId);
    if (preview.home) return;
    this.#say({ text: labels["preview.customer"], direction: "Inbound" });
    this.#say({ text: labels["preview.agent"], direction: "Outbound", from: AGENT });
    this.#say({ text: labels["preview.thanks"], direction: "Inbound" });
  }

  /**
   * @param {{text: string, direction: string, from?: string}} message
   * @param {string} [tracingId]
   */
  #say({ text, direction, from }, tracingId) {
    Actor.#said += 20_000;
    const nickname = conversations.humanize ? from : undefined;
    const channel = { time: new Date(Actor.#said).toISOString(), from: { nickname } };
    const body = { id: crypto.randomUUID(), type: "Text", text, direction, channel, originatingEntity: "Human" };
    this.#answer("StructuredMessage", body, tracingId, "message");
  }

  #answer(kind, body, tracingId, type = "response") {
    const data = JSON.stringify({ type, class: kind, code: 200, tracingId, body });
    queueMicrotask(() => this.#raise("message", new MessageEvent("message", { data })));
  }

  #raise(name, event) {
    this[`on${name}`]?.(event);
    this.dispatchEvent(event);
  }
}

for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { value: new Kept() });
window.WebSocket = /** @type {any} */ (Actor);
window.fetch = () => Promise.reject(new TypeError("a preview asks nobody"));
document.title = look.companyName;
