/** One deployment's messenger on a foreign page: its state, its launcher, and the frame once it is needed. */
import { Launcher } from "./launcher.js";
import { Link } from "./link.js";
import { Memory } from "./memory.js";

const here = new Set(); // all messengers of this page: they stand side by side, and one is open at a time

export class Messenger {
  #settings;
  #emit;
  #memory;
  #launcher;
  #link = null;
  #open = false;
  #shown;
  #unread = 0;
  #newest = null;
  #before = null; // what had the focus

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
    this.#before = document.activeElement;
    this.#needFrame();
    this.#draw();
    this.#link.call("setVisible", true, focus);
    if (focus) this.#link.frame.focus({ preventScroll: true });
    this.#emit("open");
  }

  close({ focus = true } = {}) {
    if (!this.#open) return;
    const inside = this.#launcher.hasFocus;
    this.#open = this.#memory.open = false;
    this.#draw();
    this.#link.call("setVisible", false);
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
    return this.#needFrame().call("send", String(text));
  }

  prefill(text) {
    return this.#needFrame().call("prefill", String(text));
  }

  setAttributes(attributes) {
    return this.#later("setAttributes", attributes);
  }

  setContext(context) {
    return this.#later("setContext", context);
  }

  signIn(token) {
    return this.#needFrame().call("signIn", String(token));
  }

  async signOut() {
    await this.#needFrame().call("signOut");
    this.#forget();
  }

  destroy() {
    this.#open = false;
    here.delete(this);
    this.#link?.end();
    this.#launcher.remove();
  }

  /** What the frame should know is kept until there is one; it alone is no reason to load it. */
  #kept = [];

  #later(name, value) {
    if (this.#link) return this.#link.call(name, value);
    this.#kept.push([name, value]);
    return undefined;
  }

  #needFrame() {
    if (this.#link) return this.#link;
    const { page, language, labels } = this.#settings;
    this.#link = new Link(page, this.#launcher.say("panel.title"), language, {
      onEvent: (name, detail) => this.#told(name, detail),
      onSlow: () => this.#launcher.fail(labels["panel.failed"], labels["panel.page"], page),
    });
    this.#launcher.hold(this.#link.frame);
    for (const [name, value] of this.#kept.splice(0)) this.#link.call(name, value);
    return this.#link;
  }

  #told(name, detail) {
    if (name === "frame") this.#launcher.ready();
    else if (name === "close") this.close();
    else if (name === "conversation") this.#memory.conversation = detail;
    else if (name === "message") this.#message(detail);
    else if (name === "unread") this.#count(detail);
    else if (name === "state") this.#emit("state", detail);
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
