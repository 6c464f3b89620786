/**
 * The guest session: joins socket, outbox, thread, history and receipts, and knows what each frame means.
 * It has no DOM. Events: "change" (draw again), "attachment" (detail: a frame about an upload), "rejected"
 * (detail: {entry, code}: a message the server refused).
 *
 * phase: "connecting" · "ready" · "expired" · "ended" (read only) · "elsewhere" (too many windows) · "refused"
 */
import { History } from "./history.js";
import { Outbox } from "./outbox.js";
import {
  RATE_LIMITED, REFUSED, SESSION_GONE, TYPING_MS, answerMessage, frames, isServerTrouble, readMessage, textMessage,
} from "./protocol.js";
import { Receipts } from "./receipts.js";
import { GuestSocket } from "./socket.js";
import { uuid } from "./store.js";
import { Thread } from "./thread.js";

const APPLICATION = "messenger-1";
const TROUBLE_PAUSE_S = 3;
const ATTACHMENT_CLASSES = new Set([
  "PresignedUrlResponse", "UploadSuccessEvent", "UploadFailureEvent", "GenerateUrlError", "AttachmentDeletedResponse",
]);

export class GuestClient extends EventTarget {
  phase = "connecting";
  typing = null; // {name, bot, until} while the other side types
  slowed = false; // is the outbox waiting because we were too fast?
  media = null; // what may be uploaded, as the server said: {allowedMedia, blockedExtensions}
  thread = new Thread();
  #config;
  #store;
  #startNew = false;
  #known = new Set(); // ids from before the line was lost: where a gap ends
  #typedAt = 0;
  #typingTimer = 0;

  constructor(config, store) {
    super();
    this.#config = config;
    this.#store = store;
    this.socket = new GuestSocket(socketUrl(config), () => store.token());
    this.outbox = new Outbox(store, (entry) => this.#transmit(entry));
    this.history = new History(config.historyUrl, (frame) => this.send(frame));
    this.receipts = new Receipts(store, (frame) => this.phase === "ready" && this.socket.send(frame));
    this.socket.addEventListener("open", () => this.#configure());
    this.socket.addEventListener("link", () => this.#link());
    this.socket.addEventListener("frame", (event) => this.#receive(event.detail));
    this.outbox.addEventListener("change", () => this.#changed());
    this.outbox.addEventListener("unanswered", () => this.socket.suspect());
    this.outbox.addEventListener("elsewhere", () => this.#sync(() => true, () => {}));
  }

  start() {
    this.socket.start();
  }

  /** Any frame with a tracing id of its own; false if there is no line. */
  send(frame) {
    return this.socket.send({ tracingId: uuid(), ...frame });
  }

  /** @param {{id: string, name: string, size: number, type: string, url?: string}[]} files uploaded ones */
  sendText(text, files = []) {
    this.outbox.add(textMessage(text, files.map((file) => file.id)), { text, files });
  }

  /** A quick reply, or a card's button with the message it stands in. */
  answer(button, originatingMessageId = null) {
    this.outbox.add(answerMessage(button, originatingMessageId), { text: button.text });
  }

  /** The customer is typing: told at most every five seconds. */
  noteTyping() {
    if (this.phase !== "ready" || Date.now() - this.#typedAt < TYPING_MS) return;
    this.#typedAt = Date.now();
    this.send(frames.typing());
  }

  /** What is on the screen has been read. */
  noteRead() {
    if (this.#receipting) this.receipts.mark("Read", this.thread.lastTheirs);
  }

  loadOlder() {
    return this.history.older((messages) => this.#take(messages));
  }

  /** After a read-only end: the same token begins anew. After an expiry: a new token; unsent messages go with it. */
  startNew() {
    if (this.phase === "ended") this.#startNew = true;
    else this.#store.renewToken();
    this.#forget();
    this.phase = "connecting";
    this.socket.restart();
    this.#changed();
  }

  /** Take the session back from another window. */
  takeBack() {
    this.phase = "connecting";
    this.socket.start();
  }

  get #receipting() {
    return this.#config.features?.includes("receipts") ?? false;
  }

  #configure() {
    this.send(frames.configure(this.#config.deploymentId, this.#startNew));
  }

  #link() {
    if (this.socket.state !== "ready") this.outbox.setOpen(false);
    if (this.socket.state === "waiting") {
      this.#known ??= this.thread.ids;
      if (this.phase === "ready") this.phase = "connecting";
    }
    this.#changed();
  }

  #transmit(entry) {
    return this.socket.send({ ...frames.message(entry.message), tracingId: entry.id });
  }

  #receive(frame) {
    if (ATTACHMENT_CLASSES.has(frame.class)) {
      this.dispatchEvent(new CustomEvent("attachment", { detail: frame }));
      return;
    }
    const handler = HANDLERS[frame.class];
    if (handler) handler.call(this, frame.body ?? {}, frame);
    else this.onError(frame.body, frame);
    this.#changed();
  }

  onSession(body) {
    this.media = { allowedMedia: body.allowedMedia, blockedExtensions: body.blockedExtensions ?? [] };
    this.phase = body.readOnly ? "ended" : "ready";
    this.#startNew = false;
    this.socket.ready();
    if (!body.newSession) this.#sync((id) => this.#known?.has(id), () => (this.#known = null));
    else if (this.#config.autoStart && !body.autoStarted) this.send(frames.presence("Join"));
    this.outbox.setOpen(this.phase === "ready");
  }

  onStructured(body, frame) {
    if (body.type === "Receipt") this.thread.receipt(body.status, body.id, Date.parse(body.channel?.time ?? "") || Date.now());
    else if (body.type === "Event") this.#event(body);
    else this.#take([this.#named(body, frame)]);
  }

  onTooMany(body) {
    this.#pause(body.retryAfter ?? 1, true);
  }

  onExpired() {
    this.#close("expired");
  }

  onCleared() {
    this.#forget();
  }

  onElsewhere() {
    this.#close("elsewhere");
  }

  onError(body, { code, tracingId }) {
    if (code < 400) return;
    if (RATE_LIMITED.has(code)) this.#pause(1, true);
    else if (SESSION_GONE.has(code)) this.#close("expired");
    else if (isServerTrouble(code)) this.#pause(TROUBLE_PAUSE_S, false);
    else if (this.phase === "connecting") this.#close("refused");
    else if (REFUSED.has(code)) this.#refuse(tracingId, code);
  }

  #pause(seconds, slowed) {
    this.slowed = slowed;
    this.outbox.pause(seconds);
  }

  #refuse(tracingId, code) {
    const entry = this.outbox.entries.find((one) => one.id === tracingId);
    if (this.outbox.refuse(tracingId, { code }) && entry) {
      this.dispatchEvent(new CustomEvent("rejected", { detail: { entry, code } }));
    }
  }

  #event(body) {
    const theirs = body.direction !== "Inbound";
    const typing = (body.events ?? []).find((event) => event.eventType === "Typing")?.typing;
    if (typing && theirs) this.#theyType(body, typing);
    const message = readMessage(body, Date.now());
    if (message.presence === "Clear") this.#forget();
    else if (message.presence && theirs) this.#take([message]);
    if (message.presence === "Disconnect" && message.readOnly) this.#end();
  }

  #theyType(body, { type, duration }) {
    clearTimeout(this.#typingTimer);
    const { author } = readMessage(body, Date.now());
    const who = author.name ? author : (this.thread.counterpart ?? author);
    this.typing = type === "Off" ? null : who;
    this.#typingTimer = setTimeout(() => this.#stopTyping(), (duration ?? TYPING_MS) + 1000);
  }

  #stopTyping() {
    this.typing = null;
    this.#changed();
  }

  /** An answer to something in our outbox keeps its client id, so that the bubble on screen stays the same one. */
  #named(body, frame) {
    const message = readMessage(body, Date.now());
    const ours = this.outbox.entries.some((entry) => entry.id === frame.tracingId);
    return ours ? { ...message, mine: true, clientId: frame.tracingId } : message;
  }

  #take(messages) {
    for (const message of messages) {
      if (message.presence && message.presence !== "Join" && message.presence !== "Disconnect") continue;
      this.thread.put(message);
      if (message.clientId) this.outbox.acknowledge(message.clientId);
      if (!message.mine) this.typing = null;
    }
    if (this.#receipting) this.receipts.mark("Delivered", this.thread.lastTheirs);
    this.#changed();
  }

  #sync(knows, done) {
    this.history.sync(knows, (messages) => this.#take(messages), done);
  }

  #end() {
    this.phase = "ended";
    this.outbox.setOpen(false);
  }

  #close(phase) {
    this.phase = phase;
    this.outbox.setOpen(false);
    this.socket.stop();
  }

  #forget() {
    this.thread.clear();
    this.history.reset();
    this.receipts.reset();
    this.typing = null;
    this.#known = new Set();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

const HANDLERS = {
  SessionResponse: GuestClient.prototype.onSession,
  StructuredMessage: GuestClient.prototype.onStructured,
  JwtResponse(body) {
    this.history.receiveJwt(body);
  },
  TooManyRequestsErrorMessage: GuestClient.prototype.onTooMany,
  SessionExpiredEvent: GuestClient.prototype.onExpired,
  SessionClearedEvent: GuestClient.prototype.onCleared,
  ConnectionClosedEvent: GuestClient.prototype.onElsewhere,
  LogoutEvent: GuestClient.prototype.onExpired,
  string: GuestClient.prototype.onError,
};

function socketUrl({ socketUrl: base, deploymentId, features = [] }) {
  const query = new URLSearchParams({ deploymentId, application: APPLICATION });
  if (features.length) query.set("features", features.join(","));
  return `${base}?${query}`;
}
