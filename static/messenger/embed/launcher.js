/** Draws launcher, teaser and panel in a shadow tree of their own: the page's styles stay out, ours stay in. */
const SVG = "http://www.w3.org/2000/svg";
const ICONS = { chat: "M4 5h16v11H9l-5 4z", down: "m6 9.500 6 6 6-6", close: "m6 6 12 12M18 6 6 18" };
const STEP = 72; // two launchers on one side stand above each other
const SHORT = 160; // characters of a teaser; the sheet cuts it after three lines

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
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(RULES);
    shadow.adoptedStyleSheets = [sheet];
    this.#parts = this.#build(actions);
    this.#place(actions.slot);
    shadow.append(this.#parts.root);
    shadow.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && actions.close());
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
    this.#parts.wait.firstChild.replaceWith(make("span", {}, text), link);
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
    const short = said.slice(0, SHORT);
    if (text.textContent !== short) text.textContent = short; // said aloud once
  }

  #build({ toggle, dismiss }) {
    const { look, direction, language } = this.#settings;
    const chat = icon("chat");
    const down = icon("down");
    const count = make("span", { class: "count", "aria-hidden": "true" });
    const words = look.launcher.displayType === "Icon" ? null : make("span", {}, this.say("launcher.text"));
    const launcher = make("button", { class: "launcher", type: "button", "aria-controls": "panel" });
    launcher.append(chat, down, ...(words ? [words] : []), count);
    launcher.addEventListener("click", toggle);
    const wait = make("div", { class: "wait", role: "status" });
    wait.append(make("i", {}), closing(this.say("launcher.close"), toggle));
    const panel = make("div", { class: "panel away", id: "panel", role: "dialog", "aria-label": this.say("panel.title") });
    panel.append(wait);
    const name = make("b", { dir: "auto" });
    const text = make("p", { dir: "auto" });
    const main = make("button", { class: "main", type: "button" });
    main.append(name, text);
    main.addEventListener("click", toggle);
    const close = closing(this.say("teaser.dismiss"), dismiss);
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

function closing(label, act) {
  const button = make("button", { class: "dismiss", type: "button", "aria-label": label });
  button.append(icon("close"));
  button.addEventListener("click", act);
  return button;
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

/** The look. A constructed sheet: it needs no 'unsafe-inline' in the page's policy. */
const RULES = `
:host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; color-scheme: light dark !important; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.root {
  --surface: light-dark(#fff, #151a23); --ink: light-dark(#161b26, #e8ecf3); --ink-2: light-dark(#4a5468, #aab4c5); --line: light-dark(#e4e7ee, #262e3b);
  --wide: calc(var(--stage-width, 100vw) - 2 * max(var(--side), 12px));
  font: 14px/1.45 system-ui, sans-serif; color: var(--ink);
}
button { border: 0; background: none; font: inherit; color: inherit; cursor: pointer; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
svg { width: 24px; height: 24px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.launcher, .panel, .teaser { position: fixed; bottom: var(--bottom); box-shadow: 0 8px 24px -6px light-dark(rgb(16 24 40 / .25), #000); }
.left > * { left: var(--side); }
.right > * { right: var(--side); }
.launcher {
  display: flex; align-items: center; justify-content: center; gap: 8px; min-width: 56px; height: 56px; padding: 0; border-radius: 28px;
  background: var(--brand); color: var(--on-brand); font-size: 15px; font-weight: 600; transition: filter .14s;
}
.launcher:hover { filter: brightness(1.08); }
.words { padding: 0 20px; }
.count {
  position: absolute; top: -4px; inset-inline-end: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px;
  background: #b42318; color: #fff; font-size: 12px; line-height: 22px; box-shadow: 0 0 0 2px var(--surface);
}
.panel, .teaser { margin-bottom: 72px; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); animation: rise .18s; }
.panel { width: min(400px, var(--wide)); height: min(680px, var(--stage-height, 100vh) - var(--bottom) - 96px); overflow: hidden; }
.bare { margin-bottom: 0; }
.away { visibility: hidden; animation: none; }
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
iframe { width: 100%; height: 100%; border: 0; }
.wait { position: absolute; inset: 0; display: grid; place-content: center; gap: 12px; padding: 24px; text-align: center; background: var(--surface); }
.wait i { width: 28px; height: 28px; border: 3px solid var(--line); border-top-color: var(--brand); border-radius: 50%; animation: turn .8s linear infinite; }
.wait a { color: inherit; }
.wait .dismiss { position: absolute; top: 0; inset-inline-end: 0; }
@keyframes turn { to { transform: rotate(1turn); } }
.teaser { display: flex; align-items: start; width: min(320px, var(--wide)); }
.teaser button { border-radius: 12px; }
.main { flex: 1; min-width: 0; padding: 12px 16px; text-align: start; overflow-wrap: anywhere; }
.main p { display: -webkit-box; margin: 2px 0 0; overflow: hidden; color: var(--ink-2); -webkit-box-orient: vertical; -webkit-line-clamp: 3; }
.dismiss { display: grid; place-items: center; flex: none; width: 36px; height: 36px; margin: 4px; }
.dismiss svg { width: 18px; height: 18px; }
@media (max-width: 560px) {
  .panel { inset: var(--top, 0) 0 auto; width: 100%; height: var(--seen, 100%); margin: 0; border: 0; border-radius: 0; }
  .open .launcher { display: none; }
}
@media (prefers-reduced-motion) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .launcher, .count { border: 1px solid; } }
`;
