/** One deployment's messenger on a foreign page: its state, its launcher, and the frame once it is needed. */
import { Launcher } from "./launcher.js";

const here = new Set(); // all messengers of this page: they stand side by side, and one is open at a time

export class Messenger {
  #settings;
  #emit;
  #memory;
  #launcher;
  #link = null; // a promise
  #frame = null;
  #kept = [];
  #open = false;
  #shown;
  #unread = 0;
  #newest = null;
  #before = null; // what had the focus
  #goIn = false; // the focus belongs into the frame

  /** Whether this site is among the deployment's. A courtesy to its developers: the frame's policy is the lock. */
  static allowedHere({ domains }) {
    const host = location.hostname;
    return !domains.length || domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
  }

  constructor(settings, emit) {
    this.#settings = settings;
    this.#emit = emit;
    this.#memory = new Memory(settings.id);
    this.#shown = settings.look.launcher.visibility === "On";
    this.#launcher = new Launcher(settings, {
      toggle: () => this.toggle(),
      close: () => this.close(),
      dismiss: () => this.#dismiss(),
      slot: [...here].filter((other) => other.side === Launcher.side(settings)).length,
    });
    here.add(this);
    this.#draw();
    if (this.#memory.conversation) {
      this.#needFrame();
      if (this.#memory.open) this.open({ focus: false });
    }
    queueMicrotask(() => emit("ready"));
  }

  get side() {
    return Launcher.side(this.#settings);
  }

  open({ focus = true } = {}) {
    if (this.#open) return;
    for (const other of here) if (other !== this) other.close({ focus: false });
    this.#open = this.#memory.open = true;
    this.#before = this.#launcher.hasFocus ? null : document.activeElement;
    this.#goIn = focus;
    this.#draw();
    this.#call("setVisible", true, focus);
    this.#focusFrame();
    this.#emit("open");
  }

  close({ focus = true } = {}) {
    if (!this.#open) return;
    const inside = this.#launcher.hasFocus;
    this.#open = this.#memory.open = false;
    this.#draw();
    this.#call("setVisible", false);
    if (focus && inside) this.#giveBack();
    this.#emit("close");
  }

  toggle() {
    if (this.#open) this.close();
    else this.open();
  }

  /** Show the launcher, also where the configuration shows it only on demand. */
  show() {
    this.#shown = this.#settings.look.launcher.visibility !== "Off";
    this.#draw();
  }

  hide() {
    this.close();
    this.#shown = false;
    this.#draw();
  }

  send(text) {
    return this.#call("send", String(text));
  }

  prefill(text) {
    return this.#call("prefill", String(text));
  }

  setAttributes(attributes) {
    return this.#later("setAttributes", attributes);
  }

  setContext(context) {
    return this.#later("setContext", context);
  }

  signIn(token) {
    return this.#call("signIn", String(token));
  }

  async signOut() {
    await this.#call("signOut");
    this.#forget();
  }

  destroy() {
    this.#open = false;
    here.delete(this);
    this.#link?.then((link) => link.end());
    this.#launcher.remove();
  }

  /** What the frame should know is kept until there is one; it alone is no reason to load it. */
  #later(name, value) {
    if (this.#link) return this.#call(name, value);
    this.#kept.push([name, value]);
    return undefined;
  }

  async #call(name, ...given) {
    return (await this.#needFrame()).call(name, ...given);
  }

  /** The frame, and the code that speaks with it, come when they are first needed. */
  #needFrame() {
    this.#link ??= import("./link.js").then(({ Link }) => this.#begin(Link));
    return this.#link;
  }

  #begin(Link) {
    const { labels, page } = this.#settings;
    const link = new Link(this.#settings, this.#launcher.say("panel.title"), {
      onEvent: (name, detail) => this.#told(name, detail),
      onSlow: () => this.#launcher.fail(labels["panel.failed"], labels["panel.page"], page),
    });
    this.#frame = link.frame;
    this.#launcher.hold(link.frame);
    for (const [name, value] of this.#kept.splice(0)) link.call(name, value);
    this.#focusFrame();
    return link;
  }

  #told(name, detail) {
    if (name === "frame") this.#begun();
    else if (name === "close") this.close();
    else if (name === "conversation") this.#memory.conversation = detail;
    else if (name === "message") this.#message(detail);
    else if (name === "unread") this.#count(detail);
    else if (name === "state") this.#emit("state", detail);
  }

  #begun() {
    this.#launcher.ready();
    this.#focusFrame();
  }

  #focusFrame() {
    if (this.#open && this.#goIn) this.#frame?.focus({ preventScroll: true });
  }

  #message(message) {
    this.#memory.conversation = true;
    if (message.direction !== "inbound") this.#newest = message;
    this.#draw();
    this.#emit("message", message);
  }

  #count(unread) {
    if (unread === this.#unread) return;
    this.#unread = unread;
    this.#draw();
    this.#emit("unread", unread);
  }

  #dismiss() {
    this.#memory.dismissed = this.#newest?.id ?? null;
    this.#draw();
    this.#launcher.focus();
  }

  #forget() {
    this.#memory.conversation = false;
    this.#memory.dismissed = null;
    this.#newest = null;
    this.#count(0);
    this.#draw();
  }

  #draw() {
    const teased = this.#settings.teaser && this.#shown && !this.#open && this.#unread > 0;
    const fresh = this.#newest && this.#newest.id !== this.#memory.dismissed;
    this.#launcher.draw({
      open: this.#open,
      shown: this.#shown,
      unread: this.#unread,
      teaser: teased && fresh ? this.#newest : null,
    });
  }

  #giveBack() {
    if (this.#before?.isConnected && this.#before !== document.body) this.#before.focus({ preventScroll: true });
    else this.#launcher.focus();
    this.#before = null;
  }
}

/**
 * What the loader remembers on the company's site: whether there is a conversation (then the frame is loaded at once,
 * for the badge and the teaser), and for this tab whether the panel was open and which teaser was dismissed.
 * The conversation itself is kept by the frame, under its own origin; only if the browser denies it that, here.
 */
class Memory {
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
