/**
 * The guest session: joins socket, outbox, thread, history and receipts, and knows what each frame means.
 * It has no DOM. Events: "change" (draw again), "attachment" (detail: a frame about an upload), "arrived" (detail:
 * messages that came just now), "left" (the customer signed out, here or in a tab).
 *
 * phase: "connecting" · "ready" · "expired" · "ended" (read only) · "elsewhere" (too many windows) · "refused"
 */
import { History } from "./history.js";
import { Outbox } from "./outbox.js";
import {
  ATTACHMENT_CLASSES, RATE_LIMITED, REFUSED, SESSION_GONE, TYPING_MS, frames, isServerTrouble, readMessage, socketUrl,
  textMessage,
} from "./protocol.js";
import { GuestSocket } from "./socket.js";
import { Attributes, Receipts, uuid } from "./store.js";
import { Thread } from "./thread.js";

const TROUBLE_PAUSE_S = 3;
const SIGNED_IN_ONLY = 4017; // the session belongs to a known customer

export class GuestClient extends EventTarget {
  phase = "connecting";
  typing = null; // {name, bot} while the other side types
  slowed = false; // is the outbox waiting because we were too fast?
  media = null; // what may be uploaded, as the server said: {allowedMedia, blockedExtensions}
  thread = new Thread();
  #config;
  #store;
  #startNew = false;
  #renewed = false;
  #known = new Set(); // ids from before the line was lost: where a gap ends
  #typedAt = 0;
  #typingTimer = 0;

  constructor(config, store) {
    super();
    this.#config = config;
    this.#store = store;
    this.attributes = new Attributes(store, config.extras.campaign);
    this.socket = new GuestSocket(socketUrl(config), () => store.token());
    this.outbox = new Outbox(store, (entry) => this.#transmit(entry));
    this.history = new History(config.historyUrl, config.features, (frame) => this.send(frame));
    const report = (frame) => !config.features.includes("receipts") || (this.phase === "ready" && this.socket.send(frame));
    this.receipts = new Receipts(store, report, () => this.#changed());
    this.socket.addEventListener("open", () => this.#configure());
    this.socket.addEventListener("link", () => this.#link());
    this.socket.addEventListener("frame", (event) => this.#receive(event.detail));
    this.outbox.addEventListener("change", () => this.#changed());
    this.outbox.addEventListener("unanswered", () => this.socket.suspect());
    this.outbox.addEventListener("elsewhere", () => this.#sync(() => true, () => {}));
    store.watch("token", () => this.#again());
    store.watch("code", () => (this.code ? this.socket.restart() : this.#tell("left")));
    store.watch("restarted", () => this.#again());
    store.watch("seen", () => this.#changed());
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
    this.add(textMessage(text, files.map((file) => file.id)), text, files);
  }

  /** Any message, into the outbox, with the attributes that wait for one. */
  add(message, text, files = []) {
    this.outbox.add(this.attributes.onto(message), { text, files });
  }

  /** The customer is typing: told at most every five seconds. */
  noteTyping() {
    if (!this.#config.conversations.typing.user || this.phase !== "ready" || Date.now() - this.#typedAt < TYPING_MS) return;
    this.#typedAt = Date.now();
    this.send(frames.typing());
  }

  /** What is on the screen has been read. */
  noteRead() {
    this.receipts.mark("Read", this.thread.lastTheirs);
  }

  /** How many of their messages nobody has looked at. */
  get unread() {
    const seen = this.receipts.seen("Read");
    return this.thread.messages.filter((one) => !one.mine && one.kind === "message" && one.time > seen).length;
  }

  loadOlder() {
    return this.history.older((messages) => this.#take(messages));
  }

  /** The customer ends the conversation; the server tells all sockets. */
  end() {
    this.send(frames.end());
  }

  /** The customer clears the conversation for good. */
  clear() {
    this.send(frames.presence("Clear"));
  }

  /** After a read-only end: the same token begins anew. After an expiry: a new token; unsent messages go with it. */
  startNew() {
    if (this.phase === "ended") this.#startNew = true;
    else this.#store.renewToken();
    this.#again();
  }

  /** The signed-in customer's JWT, of all tabs, or null. */
  get code() {
    return this.#store.get("code");
  }

  /** Become the customer that the JWT names; what was said so far goes with them. */
  signIn({ jwt, refreshToken }) {
    this.#store.set("refresh", refreshToken);
    this.#comeAs(jwt);
  }

  /** Become nobody: a new session that knows nothing, in a browser that keeps nothing. */
  signOut() {
    this.send(frames.leave());
    this.outbox.clear();
    this.#store.forget();
    this.#store.renewToken();
    this.#startNew = false;
    this.#tell("left");
    this.#again();
  }

  /** Take the session back from another window. */
  takeBack() {
    this.phase = "connecting";
    this.socket.start();
  }

  #configure() {
    this.send(frames.configure(this.#config.deploymentId, this.#startNew, this.code));
  }

  #comeAs(code) {
    this.#store.set("code", code);
    this.phase = "connecting";
    this.socket.restart();
  }

  #again() {
    this.#forget();
    this.phase = "connecting";
    this.socket.restart();
    this.#changed();
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
    const handler = HANDLERS[frame.class];
    if (ATTACHMENT_CLASSES.has(frame.class)) this.#tell("attachment", frame);
    else if (handler) handler.call(this, frame.body ?? {}, frame);
    else this.onError(frame.body, frame);
    this.#changed();
  }

  onSession(body) {
    this.media = { allowedMedia: body.allowedMedia, blockedExtensions: body.blockedExtensions ?? [] };
    this.phase = body.readOnly ? "ended" : "ready";
    if (this.#startNew) this.#store.set("restarted", Date.now()); // not before: a tab that came sooner would find the ended one
    this.#startNew = false;
    this.#renewed = false;
    this.socket.ready();
    if (!body.newSession) this.#sync((id) => this.#known?.has(id), () => (this.#known = null));
    else {
      this.history.synced = true;
      if (this.#config.conversations.autoStart && !body.autoStarted) this.send(frames.presence("Join"));
    }
    this.outbox.setOpen(this.phase === "ready");
  }

  onStructured(body, frame) {
    if (body.type === "Receipt") this.thread.receipt(body.status, body.id, Date.parse(body.channel?.time ?? "") || Date.now());
    else if (body.type === "Event") this.#event(body);
    else this.#live([this.#named(body, frame)]);
  }

  onTooMany(body) {
    this.#pause(body.retryAfter ?? 1, true);
  }

  onExpired() {
    this.#close("expired");
  }

  onCleared() {
    this.#forget();
    this.history.synced = true;
  }

  /** @param {{reason?: string}} [body] */
  onElsewhere({ reason } = {}) {
    if (reason !== "signedIn") this.#close("elsewhere");
  }

  onError(_body, { code, tracingId }) {
    if (code < 400) return;
    if (RATE_LIMITED.has(code)) this.#pause(1, true);
    else if (SESSION_GONE.has(code)) this.#close("expired");
    else if (isServerTrouble(code)) this.#pause(TROUBLE_PAUSE_S, false);
    else if (this.phase === "connecting") this.#turnedAway(code);
    else if (REFUSED.has(code)) this.#refuse(tracingId, code);
  }

  /** A sign-in that no longer holds must not shut out the visitor: they go on as nobody, anew where they must. */
  #turnedAway(code) {
    if (this.code) this.#renew();
    else if (code === SIGNED_IN_ONLY || code === 401) this.startNew();
    else this.#close("refused");
  }

  /** A sign-in that ran out is renewed, once. */
  async #renew() {
    const token = this.#renewed ? null : this.#store.get("refresh");
    this.#renewed = true;
    try {
      this.#comeAs(token && (await (await import("./identity.js")).renew(this.#config, token)));
    } catch {
      this.#renewed = false;
      this.socket.suspect(); // nobody answered: the next connection asks again
    }
  }

  #pause(seconds, slowed) {
    this.slowed = slowed;
    this.outbox.pause(seconds);
  }

  #refuse(tracingId, code) {
    if (this.outbox.entries.some((one) => one.id === tracingId)) this.outbox.refuse(tracingId, { code });
  }

  #event(body) {
    const theirs = body.direction !== "Inbound";
    const typing = (body.events ?? []).find((event) => event.eventType === "Typing")?.typing;
    if (typing && theirs && this.#config.conversations.typing.agent) this.#theyType(body, typing);
    const message = readMessage(body, Date.now());
    if (message.presence === "Clear") this.onCleared();
    else if (message.presence === "Disconnect" || (message.presence && theirs)) this.#live([message]);
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

  #live(messages) {
    const fresh = messages.filter((message) => !this.thread.ids.has(message.id));
    this.#take(messages);
    if (fresh.length) this.#tell("arrived", fresh);
  }

  #take(messages) {
    for (const message of messages) {
      if (message.presence && message.presence !== "Join" && message.presence !== "Disconnect") continue;
      this.thread.put(message);
      if (message.clientId) this.outbox.acknowledge(message.clientId);
      if (!message.mine) this.typing = null;
    }
    this.receipts.mark("Delivered", this.thread.lastTheirs);
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

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
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
