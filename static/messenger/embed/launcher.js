/** Draws launcher, teaser and panel in a shadow tree of their own: the page's styles stay out, ours stay in. */
import { addSheet } from "./sheet.js";

const SVG = "http://www.w3.org/2000/svg";
const ICONS = { chat: "M4 5h16v11H9l-5 4z", down: "m6 9.500 6 6 6-6", close: "m6 6 12 12M18 6 6 18" };
const STEP = 72; // two launchers on one side stand above each other
const EDGE = 12;
const SHORT = 140; // characters of a teaser

export class Launcher {
  #parts;
  #settings;
  #host = document.createElement("div");

  /** "left" or "right"; "Auto" is where a line of text ends. */
  static side({ look, direction }) {
    const { alignment } = look.position;
    if (alignment !== "Auto") return alignment.toLowerCase();
    return direction === "rtl" ? "left" : "right";
  }

  /** @param {{toggle: () => void, close: () => void, dismiss: () => void, slot: number}} actions */
  constructor(settings, actions, parent = document.body) {
    this.#settings = settings;
    const shadow = this.#host.attachShadow({ mode: "open" });
    this.#host.dataset.contactcenter = settings.id;
    addSheet(shadow);
    this.#parts = this.#build(actions);
    this.#place(actions.slot);
    shadow.append(this.#parts.root);
    shadow.addEventListener("keydown", (event) => event.key === "Escape" && actions.close());
    parent.append(this.#host);
  }

  get hasFocus() {
    return document.activeElement === this.#host;
  }

  focus() {
    this.#parts.launcher.focus({ preventScroll: true });
  }

  say(key, values = {}) {
    const { labels, look } = this.#settings;
    const all = { name: look.companyName || labels["launcher.company"], ...values };
    return (labels[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => all[name] ?? "");
  }

  /** Take the frame in; it loads from now on, and must not be moved. */
  hold(frame) {
    this.#parts.panel.prepend(frame);
  }

  ready() {
    this.#parts.wait.hidden = true;
  }

  fail(text, linkText, address) {
    const link = make("a", { href: address, target: "_blank", rel: "noopener" }, linkText);
    this.#parts.wait.replaceChildren(make("span", {}, text), link);
  }

  draw({ open, shown, unread, teaser }) {
    const { root, launcher, panel, count } = this.#parts;
    root.classList.toggle("open", open);
    launcher.hidden = !shown;
    launcher.setAttribute("aria-expanded", open);
    launcher.setAttribute("aria-label", this.#name(open, unread));
    this.#parts.chat.toggleAttribute("hidden", open || this.#settings.look.launcher.displayType === "Text");
    this.#parts.down.toggleAttribute("hidden", !open);
    if (this.#parts.words) this.#parts.words.hidden = open;
    launcher.classList.toggle("words", Boolean(this.#parts.words) && !open);
    count.hidden = open || !unread;
    count.textContent = unread > 99 ? "99+" : unread;
    panel.classList.toggle("away", !open);
    panel.classList.toggle("bare", !shown);
    panel.inert = !open;
    this.#drawTeaser(teaser);
  }

  remove() {
    this.#host.remove();
  }

  #name(open, unread) {
    if (open) return this.say("launcher.close");
    if (!unread) return this.say("launcher.open");
    const plural = new Intl.PluralRules(this.#settings.language).select(unread) === "one" ? "one" : "other";
    return `${this.say("launcher.open")}, ${this.say(`launcher.unread.${plural}`, { count: unread })}`;
  }

  #drawTeaser(message) {
    const { teaser, name, text } = this.#parts;
    teaser.hidden = !message;
    if (!message) return;
    const said = (message.text || this.say("teaser.file")).replace(/\s+/g, " ");
    name.textContent = message.from || this.#settings.look.companyName;
    const short = said.length > SHORT ? `${said.slice(0, SHORT)}…` : said;
    if (text.textContent !== short) text.textContent = short; // said aloud once
  }

  #build({ toggle, dismiss }) {
    const { look, direction, language } = this.#settings;
    const chat = icon("chat");
    const down = icon("down");
    const count = make("span", { class: "count", "aria-hidden": "true", part: "count" });
    const words = look.launcher.displayType === "Icon" ? null : make("span", {}, this.say("launcher.text"));
    const launcher = make("button", { class: "launcher", type: "button", "aria-controls": "panel", part: "launcher" });
    launcher.append(chat, down, ...(words ? [words] : []), count);
    launcher.addEventListener("click", toggle);
    const wait = make("div", { class: "wait", role: "status" });
    wait.append(make("i", {}));
    const panel = make("div", { class: "panel away", id: "panel", role: "dialog", "aria-label": this.say("panel.title") });
    panel.append(wait);
    const name = make("b", { dir: "auto" });
    const text = make("p", { dir: "auto" });
    const main = make("button", { class: "main", type: "button" });
    main.append(name, text);
    main.addEventListener("click", toggle);
    const close = make("button", { class: "dismiss", type: "button", "aria-label": this.say("teaser.dismiss") });
    close.append(icon("close"));
    close.addEventListener("click", dismiss);
    const teaser = make("div", { class: "teaser", role: "status", "aria-label": this.say("teaser.label") });
    teaser.append(main, close);
    const root = make("div", { class: `root ${Launcher.side(this.#settings)}`, dir: direction, lang: language });
    root.append(panel, teaser, launcher);
    return { root, launcher, chat, down, words, count, panel, wait, teaser, name, text };
  }

  #place(slot) {
    const { position, primaryColor } = this.#settings.look;
    const style = this.#parts.root.style; // through the object model: no policy minds that
    style.setProperty("--side", `${position.sideSpace}px`);
    style.setProperty("--bottom", `${position.bottomSpace + slot * STEP}px`);
    style.setProperty("--edge", `${Math.max(position.sideSpace, EDGE)}px`);
    style.setProperty("--brand", primaryColor);
    style.setProperty("--on-brand", inkOn(primaryColor));
  }
}

/** Black or white, whichever is read better on a colour (WCAG's relative luminance). */
export function inkOn(color) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

function make(tag, attributes, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
