/** The messenger as one object: joins the guest session with the parts on the screen, and is what a host page may use. */
import { Attention } from "./attention.js";
import { GuestClient } from "./client.js";
import { Attach, Composer } from "./composer.js";
import { makeTexts } from "./dom.js";
import { bannerFor, buildFrame, drawBanner, fitKeyboard, headLine } from "./frame.js";
import { Store } from "./store.js";
import { layOut } from "./thread.js";
import { LogView } from "./view.js";
import { directionOf, formats, need } from "./words.js";

const QUIET_MS = 1500; // a gap this short isn't worth a banner

/** See its public methods; they are what a host page may use. */
class Messenger {
  #config;
  #root;
  #parts;
  #kit;
  #store;
  #client;
  #view;
  #composer;
  #attach;
  #attention;
  #visible;
  #listeners = {};
  #told = {}; // the last state and unread, for who listens late
  #gapSince = Date.now();
  #frame = 0;

  /** @param {any} config channels_app.messenger.hosted.page; @param {ConstructorParameters<typeof Store>[1]} storage null: it forgets */
  constructor(config, root, storage) {
    this.#config = config;
    this.#root = root;
    this.#visible = !config.embedded;
    root.lang = config.language;
    root.dir = directionOf(config.language);
    const words = (more) => Object.assign(config.labels, more);
    this.#kit = { t: makeTexts(config.labels), words, config, rich: null, markdown: null, ...formats(config.language) };
    this.#parts = buildFrame(root, this.#kit);
    this.#store = new Store(config.deploymentId, storage);
    this.#client = new GuestClient(config, this.#store);
    this.#view = new LogView(this.#parts.log, this.#parts.jump, this.#kit, this.#acts());
    this.#attach = new Attach(root, this.#parts, this.#client, this.#kit);
    this.#attention = new Attention(this.#parts.announcer, this.#client, this.#kit, this.#store);
    this.#composer = this.#makeComposer();
    this.#attach.join(this.#composer);
    this.#listen();
    this.#start();
  }

  /** Send a text as the customer. @returns {boolean} false: empty, too long, or the conversation is over */
  send(text) {
    const trimmed = String(text).trim();
    if (!trimmed || this.#over || new TextEncoder().encode(trimmed).length > this.#config.limits.textBytes) return false;
    this.#client.sendText(trimmed);
    this.#view.toEnd();
    return true;
  }

  /** Put a text into the box, unless the customer has begun to write. */
  prefill(text) {
    if (!this.#composer.text) this.#composer.put(String(text));
  }

  /** Custom attributes for the next message. @returns {boolean} false: more than 2048 bytes, none was kept */
  setAttributes(attributes) {
    return this.#client.attributes.set(attributes);
  }

  /** Where the customer is on the site: attributes whose names begin with `context.`. */
  setContext(context) {
    return this.setAttributes(Object.fromEntries(Object.entries(context).map(([key, value]) => [`context.${key}`, value])));
  }

  /** Is the panel open on the host page? What is on an open one has been read. */
  setVisible(visible) {
    this.#visible = visible;
    this.#draw();
  }

  /** Sign the customer in with the company's signed token. Rejects if the server refuses it. */
  async signIn(token) {
    const { exchange } = await import("./identity.js");
    this.#client.signIn(await exchange(this.#config, token));
  }

  /** Forget the customer: a new session that knows nothing of the old one, for shared machines. */
  async signOut() {
    const { revoke } = await import("./identity.js");
    if (this.#client.code) await revoke(this.#config, this.#client.code);
    this.#client.signOut();
  }

  /** Ask the host page to close the panel. */
  close() {
    this.#tell("close");
  }

  /** Listen: "message" ({id, text, direction, from}), "unread" (n), "state" (text), "close", "ready". */
  on(name, listener) {
    this.#listeners[name] ??= new Set();
    this.#listeners[name].add(listener);
    if (name in this.#told) queueMicrotask(() => listener(this.#told[name]));
    return () => this.#listeners[name].delete(listener);
  }

  get #over() {
    return this.#client.phase === "ended" || this.#client.phase === "expired";
  }

  #acts() {
    return {
      answer: (message) => this.#sent(() => this.#client.add(message, message.text)),
      suggest: (text) => this.#sent(() => {
        if (this.#over) this.#client.startNew();
        this.#client.sendText(text);
      }),
      retry: (id) => this.#client.outbox.retry(id),
      remove: (id) => this.#client.outbox.remove(id),
      edit: (id) => this.#composer.restore(this.#client.outbox.remove(id)?.text ?? ""),
      older: () => this.#client.loadOlder(),
      view: (picture) => this.#use("viewer", ({ show }) => show(picture, this.#kit)),
      open: (kind, ask, messageId) => this.#use(kind === "form" ? "form" : "pickers", async ({ fill }) => {
        const filled = await fill(kind, ask, messageId, this.#kit);
        if (filled) this.#sent(() => this.#client.add(filled, filled.text));
      }),
    };
  }

  #sent(act) {
    act();
    this.#view.toEnd();
    this.#composer.focus();
  }

  #makeComposer() {
    return new Composer(this.#parts.composer, {
      store: this.#store,
      textBytes: this.#config.limits.textBytes,
      explain: (problem, text) => this.#use("limit", ({ explain }) => explain(problem, text(), this.#config.limits.textBytes, this.#kit.t)),
      hasFiles: () => this.#attach.some,
      onTyping: () => this.#client.noteTyping(),
      onFiles: (files) => this.#attach.add(files),
      onText: (text) => {
        const files = this.#attach.take();
        if (!files) return false;
        this.#client.sendText(text, files);
        this.#view.toEnd();
        return true;
      },
    });
  }

  #listen() {
    const { emoji, menu, close, log } = this.#parts;
    const schedule = () => this.#schedule();
    this.#client.addEventListener("change", schedule);
    this.#client.addEventListener("arrived", (event) => this.#arrived(event.detail));
    this.#client.addEventListener("left", () => {
      this.#composer.put("");
      this.#attach.clear();
    });
    log.addEventListener("scroll", () => this.#noteRead(), { passive: true });
    for (const name of ["focus", "blur", "online", "offline"]) addEventListener(name, schedule);
    document.addEventListener("visibilitychange", () => this.#draw());
    setInterval(() => (this.#client.socket.state !== "ready" || this.#client.outbox.pausedUntil) && schedule(), 1000);
    emoji?.addEventListener("click", () => this.#use("emoji", ({ toggle }) => toggle(emoji, this.#composer, this.#kit, this.#store)));
    menu.addEventListener("click", () => this.#use("menu", ({ toggle }) => toggle(menu, this.#reach())));
    close?.addEventListener("click", () => this.close());
    visualViewport?.addEventListener("resize", fitKeyboard);
  }

  #start() {
    if (this.#config.extras.prefill) this.prefill(this.#config.extras.prefill);
    this.#client.start();
    this.#draw();
    if (this.#visible && !matchMedia("(pointer: coarse)").matches) this.#composer.focus();
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const client = this.#client;
    const link = client.socket.state;
    if (link === "ready") this.#gapSince = 0;
    else this.#gapSince ||= Date.now();
    const online = link === "ready" && client.phase === "ready" && !client.outbox.pausedUntil;
    const items = layOut(client.thread, client.outbox.entries, {
      dayLabel: this.#kit.day, typing: client.typing, older: client.history.more,
      loading: !client.history.synced && !this.#over, online,
    });
    this.#view.draw(items);
    if (!this.#kit.rich && items.some((item) => this.#isRich(item))) this.#loadRich();
    this.#drawStatus(link);
    this.#drawSurvey(items.at(-1));
    this.#noteRead();
    this.#tellState(link);
  }

  /** Does it carry more than plain text? */
  /** @param {{kind: string, message?: any}} item */
  #isRich({ message }) {
    return message && (message.content.length > 0 || (!message.mine && this.#config.conversations.markdown));
  }

  async #loadRich() {
    this.#kit.rich = { inside: () => [], below: () => [] }; // asked for once
    try {
      const parts = [need("rich", this.#kit), this.#config.conversations.markdown ? import("./markdown.js") : {}];
      const [rich, { markdown = null }] = await Promise.all(parts);
      Object.assign(this.#kit, { rich, markdown });
    } catch {
      this.#kit.rich = null;
      return;
    }
    this.#view.reset();
    this.#draw();
  }

  #drawStatus(link) {
    const client = this.#client;
    const { t } = this.#kit;
    const seconds = (until) => Math.max(1, Math.ceil((until - Date.now()) / 1000));
    const banner = bannerFor({
      phase: client.phase,
      link,
      online: navigator.onLine,
      quiet: Date.now() - this.#gapSince < QUIET_MS,
      retryIn: seconds(client.socket.retryAt),
      pausedFor: client.slowed && client.outbox.pausedUntil && seconds(client.outbox.pausedUntil),
    });
    const again = () => client.takeBack();
    drawBanner(this.#parts.banner, banner, t, { retry: () => client.socket.retry(), takeBack: again, retryNow: again });
    const { counterpart } = client.thread;
    const { text, open } = headLine({ counterpart, phase: client.phase, humanize: this.#config.conversations.humanize }, this.#kit);
    if (this.#parts["head-line"].textContent !== text) this.#parts["head-line"].textContent = text;
    this.#parts.lamp.hidden = open === null;
    this.#parts.lamp.classList.toggle("off", open === false);
    this.#parts.menu.hidden = !["ready", "ended"].includes(client.phase) && !client.thread.messages.length;
    this.#drawOver();
    this.#root.dataset.link = link;
    this.#root.dataset.phase = client.phase;
  }

  /** In place of the composer when the conversation is over. */
  #drawOver() {
    const { composer, tray, over } = this.#parts;
    composer.hidden = this.#over;
    tray.hidden ||= this.#over;
    const said = this.#client.thread.messages.length > 0;
    if (this.#over) for (const one of this.#parts.log.querySelectorAll(".pill, .card button")) one.disabled = true;
    this.#fill(over, this.#over ? `${this.#client.phase} ${said}` : "", "over");
  }

  #drawSurvey(last) {
    const ended = last?.kind === "left" && !this.#over && this.#config.extras.survey.enabled;
    this.#fill(this.#parts.survey, ended && this.#store.get("surveyed") !== last.key ? last.key : "", "survey", last?.with);
  }

  /** A slot under the log: empty, or about something, filled by a part that loads when it is needed. */
  async #fill(slot, about, name, ...more) {
    if ((slot.dataset.about ?? "") === about) return;
    slot.dataset.about = about;
    slot.hidden = true;
    slot.replaceChildren();
    if (!about) return;
    const came = await this.#use(name, ({ fill }) => {
      if (slot.dataset.about !== about) return;
      fill(slot, this.#reach(), ...more);
      slot.hidden = false;
    });
    if (!came) slot.dataset.about = ""; // the next drawing asks again
  }

  /** What the parts that load later work with. */
  #reach() {
    return {
      kit: this.#kit, client: this.#client, store: this.#store, over: this.#over,
      draw: () => this.#draw(), focus: () => this.#composer.focus(),
    };
  }

  /** With a part that may have to be loaded. False: it can't be had; the banner says that the line is down. */
  async #use(name, act) {
    const part = await need(name, this.#kit).catch(() => null);
    await (part && act(part));
    return part !== null;
  }

  /** Many things change in one frame of the protocol; the screen is drawn once. A hidden page draws no frames. */
  #schedule() {
    if (document.hidden || !this.#visible) queueMicrotask(() => this.#tellState(this.#client.socket.state));
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  get #watched() {
    return this.#visible && document.visibilityState === "visible" && document.hasFocus();
  }

  get #reads() {
    return this.#watched && this.#view.atEnd;
  }

  #noteRead() {
    if (this.#reads) this.#client.noteRead();
  }

  #arrived(messages) {
    const said = messages.filter((one) => one.kind === "message");
    for (const { id, text, mine, author } of said) {
      this.#tell("message", { id, text, direction: mine ? "Inbound" : "Outbound", from: { name: author.name, image: author.image } });
    }
    const theirs = said.filter((one) => !one.mine);
    if (!theirs.length) return;
    this.#attention.call(theirs, this.#watched);
    this.#tellState(this.#client.socket.state);
  }

  #tell(name, value) {
    for (const listener of this.#listeners[name] ?? []) listener(value);
  }

  /** Tell the state and the number of unread messages when they changed. */
  #tellState(link) {
    const { phase } = this.#client;
    const unread = this.#reads ? 0 : this.#client.unread;
    const down = navigator.onLine && phase === "connecting" ? (this.#told.ready ? "reconnecting" : "connecting") : "offline";
    const state = { expired: "expired", ended: "readOnly" }[phase] ?? (link === "ready" && phase === "ready" ? "online" : down);
    for (const [name, value] of [["state", state], ["unread", unread], ["ready", state === "online" || state === "readOnly" || this.#told.ready]]) {
      if (this.#told[name] === value || (name === "ready" && !value)) continue;
      this.#told[name] = value;
      this.#tell(name, value);
      if (name === "unread") this.#attention.count(value);
    }
  }
}

const config = JSON.parse(document.getElementById("messenger-config").textContent);
/** Other scripts of the page (the bridge to a host page) import this. */
export const app = new Messenger(config, document.querySelector("[data-messenger]"), await storage());

/** localStorage; where the browser denies it to a frame on a foreign site, what that site lends; else null. */
async function storage() {
  try {
    return localStorage;
  } catch {
    return config.embedded ? (await import("./host.js")).lentStorage() : null;
  }
}
