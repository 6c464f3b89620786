/**
 * One websocket kept alive: connect, jittered back-off from 0.5 to 15 s, a health check every 30 s, and a
 * quick look whether the line is dead after sleep. It knows nothing of what the frames say.
 *
 * Events: "open" (a new connection, nothing configured yet), "frame" (detail: the frame), "link" (state changed).
 * state: "connecting" · "open" · "ready" · "waiting" (until retryAt) · "stopped"
 */
import { ECHO_ID, frames, parseFrame } from "./protocol.js";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const CONNECT_MS = 10_000; // for opening and configuring
const ECHO_EVERY_MS = 30_000;
const ANSWER_MS = 10_000; // a line that is silent this long after a question is dead

export class GuestSocket extends EventTarget {
  state = "stopped";
  retryAt = 0;
  #url;
  #token;
  #socket = null;
  #attempts = 0;
  #heardAt = 0;
  #timers = {};

  /** @param {string} url with its query; @param {() => string} token read for each frame, it can be renewed */
  constructor(url, token) {
    super();
    this.#url = url;
    this.#token = token;
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.#lost());
    addEventListener("pageshow", (event) => event.persisted && this.check());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.check());
  }

  start() {
    if (this.state === "stopped") this.#connect();
  }

  /** Close, and stay closed until start(). */
  stop() {
    this.#drop();
    this.#to("stopped");
  }

  /** Connect now instead of waiting. */
  retry() {
    if (this.state === "waiting") this.#connect();
  }

  /** Close this connection and open a fresh one at once. */
  restart() {
    this.#drop();
    this.#connect();
  }

  /** The session is configured: the back-off starts again from the bottom, the health check runs. */
  ready() {
    this.#attempts = 0;
    clearTimeout(this.#timers.connect);
    this.#timers.echo = setInterval(() => this.#ask(), ECHO_EVERY_MS);
    this.#to("ready");
  }

  /** Send a frame with the token; false if there is no line (the caller keeps what must not be lost). */
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ token: this.#token(), ...frame }));
    return true;
  }

  /** Waking up: a line that slept may be dead without knowing it. */
  check() {
    if (this.state === "waiting") this.#connect();
    else if (this.state === "ready" && Date.now() - this.#heardAt > ECHO_EVERY_MS) this.#ask();
  }

  /** The line can't be trusted (an answer is missing): back off and connect anew. */
  suspect() {
    if (this.state === "ready" || this.state === "open") this.#lost();
  }

  #ask() {
    const askedAt = Date.now();
    if (!this.send(frames.echo())) return;
    clearTimeout(this.#timers.answer);
    this.#timers.answer = setTimeout(() => this.#heardAt < askedAt && this.#lost(), ANSWER_MS);
  }

  #connect() {
    this.#drop();
    this.#to("connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#timers.connect = setTimeout(() => this.#lost(), CONNECT_MS);
    socket.onopen = () => {
      this.#to("open");
      this.dispatchEvent(new Event("open"));
    };
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = () => this.#lost();
  }

  #hear(data) {
    this.#heardAt = Date.now();
    const frame = parseFrame(data);
    if (frame && frame.tracingId !== ECHO_ID) this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #lost() {
    if (this.state === "stopped") return;
    this.#drop();
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempts);
    const delay = ceiling * (0.5 + Math.random() / 2);
    this.#attempts += 1;
    this.retryAt = Date.now() + delay;
    this.#timers.retry = setTimeout(() => this.#connect(), delay);
    this.#to("waiting");
  }

  #drop() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null; // a dead line's close event can come minutes late
    socket.close();
  }

  #to(state) {
    this.state = state;
    this.dispatchEvent(new Event("link"));
  }
}
