/**
 * The log. Draws the items of layout.js; a node stays as long as its item says the same, so focus, scroll and
 * screen readers aren't disturbed. Keeps the end in sight for who is at the end, and the place for who isn't.
 */
import { contentNodes, linked } from "./content.js";
import { around, h, hueOf, icon, initials, safeUrl } from "./dom.js";

const AT_END_PX = 48;

export class LogView {
  #log;
  #jump;
  #kit;
  #act;
  #drawn = new Map(); // key → {sign, node}
  #stuck = true; // does the reader stand at the end?
  #top = 0;

  /**
   * @param {HTMLElement} log the scrolling list; @param {HTMLElement} jump the "newest messages" button
   * @param {{t, locale, clock: (ms) => string}} kit words and formats
   * @param {{answer, retry, edit, older}} act what the reader can do
   */
  constructor(log, jump, kit, act) {
    this.#log = log;
    this.#jump = jump;
    this.#kit = kit;
    this.#act = act;
    log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    log.addEventListener("load", () => this.#stuck && this.toEnd(), true); // a picture that came late
    new ResizeObserver(() => this.#stuck && this.toEnd()).observe(log);
    jump.addEventListener("click", () => this.toEnd());
  }

  /** Is the newest message on the screen? */
  get atEnd() {
    return this.#stuck;
  }

  toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#stuck = true;
    this.#jump.hidden = true;
  }

  /** Put the items into the log. */
  draw(items) {
    const anchor = this.#log.querySelector(".item");
    const before = anchor?.offsetTop ?? 0;
    const newest = items.findLast((item) => item.kind === "message");
    const arrived = newest && !newest.mine && !this.#drawn.has(newest.key) && this.#drawn.size > 0;
    this.#place(items);
    if (this.#stuck) this.toEnd();
    else if (anchor?.isConnected) this.#log.scrollTop += anchor.offsetTop - before; // older ones came above
    if (arrived && !this.#stuck) this.#jump.hidden = false;
  }

  #place(items) {
    const next = new Map();
    let after = null;
    for (const item of items) {
      const node = this.#nodeFor(item, next);
      const expected = after ? after.nextElementSibling : this.#log.firstElementChild;
      if (node !== expected) this.#log.insertBefore(node, expected);
      after = node;
    }
    for (const [key, { node }] of this.#drawn) if (next.get(key)?.node !== node) node.remove();
    this.#drawn = next;
  }

  #nodeFor(item, next) {
    const sign = JSON.stringify(item);
    const known = this.#drawn.get(item.key);
    const drawn = known?.sign === sign ? known : { sign, node: this.#build(item, known?.node) };
    next.set(item.key, drawn);
    return drawn.node;
  }

  /** A message that only changed its state keeps its node, unless the reader's focus is inside. */
  #build(item, old) {
    const node = BUILD[item.kind](item, this.#kit, this.#act);
    node.dataset.key = item.key;
    if (item.kind !== "message" || !old || old.contains(document.activeElement)) return node;
    old.className = node.className;
    old.replaceChildren(...node.childNodes);
    return old;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const atEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    if (atEnd || scrollTop < this.#top) this.#stuck = atEnd; // only a move up leaves the end, never a taller log
    this.#top = scrollTop;
    if (this.#stuck) this.#jump.hidden = true;
    if (scrollTop < AT_END_PX) this.#act.older();
  }
}

function avatar(author) {
  if (author.bot && !author.image) return h("div", { class: "avatar sm bot", "aria-hidden": "true" }, icon("bot"));
  const image = author.image ? safeUrl(author.image) : null;
  const inside = image ? h("img", { src: image, alt: "" }) : author.name ? initials(author.name) : icon("chat");
  const node = h("div", { class: "avatar sm", "aria-hidden": "true" }, inside);
  if (author.name) node.style.setProperty("--hue", hueOf(author.name));
  return node;
}

function bubble(text) {
  return text ? h("p", { dir: "auto" }, linked(text)) : null;
}

function theirs(item, kit, act) {
  const { author, message, first, last } = item;
  const { files, below } = contentNodes(item, act.answer, kit);
  const bot = author.bot ? h("small", {}, kit.t("bot")) : null;
  const by = author.name || bot ? h("b", { class: first ? "by" : "by sr" }, h("bdi", {}, author.name), " ", bot) : null;
  const time = last ? h("span", { class: "state" }, kit.clock(message.time)) : null;
  const body = h("div", { class: "said" }, by, bubble(message.text), files, time);
  const row = h("div", { class: "m them" }, last ? avatar(author) : h("div", { class: "avatar-gap" }), body);
  return h("article", { class: first ? "item" : "item run" }, row, below);
}

function mine(item, kit, act) {
  const { message, first, last, state } = item;
  const { files } = contentNodes(item, act.answer, kit);
  const time = last ? h("span", { class: "state" }, kit.clock(message.time)) : null;
  const row = h("div", { class: `m me ${state ? state.status : ""}` },
    h("span", { class: "sr" }, kit.t("you")), bubble(message.text), files,
    state ? stateLine(item, kit, act) : time);
  return h("article", { class: first ? "item" : "item run" }, row);
}

function stateLine({ message, state }, { t, clock }, act) {
  if (state.status === "failed") return failedLine(message, state.error, t, act);
  const known = { sending: ["sending", "clock"], waiting: ["waiting", "clock"], sent: ["sent", "check"], delivered: ["delivered", "checks"], read: ["read", "checks"] };
  const [key, name] = known[state.status];
  const time = key === "read" && state.at ? clock(state.at) : key === "sent" || key === "delivered" ? clock(message.time) : "";
  return h("span", { class: `state ${key}`, "aria-live": "off" }, t(key), time && ` ${time}`, icon(name));
}

function failedLine(message, error, t, act) {
  const tooLong = error?.code === 4011;
  const again = tooLong
    ? h("button", { class: "link", type: "button", onclick: () => act.edit(message.clientId) }, t("edit"))
    : h("button", { class: "link", type: "button", onclick: () => act.retry(message.clientId) }, t("tryAgain"));
  return h("span", { class: "state bad" }, icon("alert"), t(tooLong ? "notSentTooLong" : "notSent"), " ", again);
}

function rule(kind, ...inside) {
  return h("div", { class: `rule ${kind}` }, inside);
}

/** One builder per kind of item: (item, kit, act) → node. */
const BUILD = {
  hello: (item, { t }) => h("div", { class: "hello" }, h("h2", {}, t("helloTitle")), h("p", {}, t("helloText"))),
  older: (item, { t }, act) =>
    h("div", { class: "older" }, h("button", { class: "btn ghost", type: "button", onclick: act.older }, t("older"))),
  day: (item) => rule("day", h("span", {}, item.label)),
  joined: ({ author }, { t }) =>
    rule("joined", avatar(author), h("span", {}, around(t("joined"), "name", h("b", {}, h("bdi", {}, author.name))))),
  left: ({ name, time }, { t, clock }) =>
    rule("left", h("span", {}, name ? t("leftName", { name, time: clock(time) }) : t("left", { time: clock(time) }))),
  message: (item, kit, act) => (item.mine ? mine(item, kit, act) : theirs(item, kit, act)),
  typing: ({ author }, { t }) =>
    h("div", { class: "m them" }, avatar(author), h("p", { class: "typing dots" },
      h("span", { class: "sr" }, author.name ? t("typingName", { name: author.name }) : t("typing")),
      h("i"), h("i"), h("i"))),
};
