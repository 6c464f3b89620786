/**
 * The log. Draws the items of layOut in thread.js; a node stays as long as its item says the same, so focus, scroll and
 * screen readers aren't disturbed. Keeps the end in sight for who is at the end, and the place for who isn't.
 */
import { around, avatar, button, h, icon, safeUrl } from "./dom.js";
import { expectation } from "./frame.js";
import { bubble } from "./words.js";

const AT_END_PX = 48;

export class LogView {
  #log;
  #jump;
  #kit;
  #act;
  #drawn = new Map(); // key → {sign, node, message}
  #stuck = true; // does the reader stand at the end?
  #top = 0;
  #height = 0;

  /**
   * @param {HTMLElement} log the scrolling list; @param {HTMLElement} jump the "newest messages" button
   * @param {object} kit words (t), formats, config, and once they are needed rich (rich.js) and markdown
   * @param {{answer, retry, edit, remove, older, view, open, suggest}} act what the reader can do
   */
  constructor(log, jump, kit, act) {
    this.#log = log;
    this.#jump = jump;
    this.#kit = kit;
    this.#act = act;
    log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    log.addEventListener("load", () => this.#stuck && this.toEnd(), true); // a picture that came late
    new ResizeObserver(() => this.#resized()).observe(log);
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

  /** Draw all anew, with parts that weren't there before. */
  reset() {
    this.#drawn.clear();
    this.#log.replaceChildren();
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
    const drawn = known?.sign === sign ? known : { sign, node: this.#build(item, known), message: item.message };
    next.set(item.key, drawn);
    return drawn.node;
  }

  /** A message of which only the state changed keeps its node, and in it all that is as it was. */
  #build(item, known) {
    const node = BUILD[item.kind](item, this.#kit, this.#act);
    node.dataset.key = item.key;
    if (item.kind !== "message" || !known) return node;
    const old = known.node;
    const focused = old.contains(document.activeElement);
    if (JSON.stringify(item.message.content) === JSON.stringify(known.message.content)) become(old, node);
    else {
      old.className = node.className;
      old.replaceChildren(...node.childNodes);
    }
    if (focused && !old.contains(document.activeElement)) this.#log.focus(); // what had it is gone
    return old;
  }

  #resized() {
    this.#height = this.#log.clientHeight;
    if (this.#stuck) this.toEnd();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const atEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    const resized = clientHeight !== this.#height; // #resized comes next, and judges by where the reader stood before
    if (atEnd || (scrollTop < this.#top && !resized)) this.#stuck = atEnd; // only a move up leaves the end
    this.#top = scrollTop;
    if (this.#stuck) this.#jump.hidden = true;
    if (scrollTop < AT_END_PX) this.#act.older();
  }
}

/** Make one node like another; parts that are equal stay, with their focus and with the video that plays. */
function become(old, node) {
  if (old.isEqualNode(node)) return;
  if (!old.matches(".item, .m, .said")) return old.replaceWith(node);
  old.className = node.className;
  const [parts, there] = [[...node.children], [...old.children]];
  for (const part of there.slice(parts.length)) part.remove();
  for (const [index, part] of parts.entries()) there[index] ? become(there[index], part) : old.append(part);
}

function theirs(item, kit, act) {
  const { author, message, first, last } = item;
  const bot = author.bot ? h("small", {}, kit.t("author.bot")) : null;
  const by = author.name || bot ? h("b", { class: first ? "by" : "by sr" }, h("bdi", {}, author.name), " ", bot) : null;
  const time = last ? h("span", { class: "state" }, kit.clock(message.time)) : null;
  const body = h("div", { class: "said" }, by, bubble(message, kit), kit.rich?.inside(item, act, kit), time);
  const row = h("div", { class: "m them" }, last ? avatar(author) : h("div", { class: "avatar-gap" }), body);
  return h("article", { class: first ? "item" : "item run" }, row, kit.rich?.below(item, act, kit));
}

function mine(item, kit, act) {
  const { message, first, last, state } = item;
  const time = last ? h("span", { class: "state" }, kit.clock(message.time)) : null;
  const row = h("div", { class: `m me ${state ? state.status : ""}` },
    h("span", { class: "sr" }, kit.t("author.you")), bubble(message, kit), kit.rich?.inside(item, act, kit),
    state ? stateLine(item, kit, act) : time);
  return h("article", { class: first ? "item" : "item run" }, row);
}

const STATE_ICONS = { sending: "clock", waiting: "clock", sent: "check", delivered: "checks", read: "checks" };

function stateLine({ message, state }, { t, clock }, act) {
  const { status, at, error } = state;
  if (status === "failed") return failedLine(message, error, t, act);
  const time = status === "read" && at ? clock(at) : message.pending ? "" : clock(message.time);
  return h("span", { class: `state ${status}` }, t(`state.${status}`), time && ` ${time}`, icon(STATE_ICONS[status]));
}

function failedLine(message, error, t, act) {
  const tooLong = error?.code === 4011;
  const again = tooLong
    ? button("link", () => act.edit(message.clientId), {}, t("state.edit"))
    : button("link", () => act.retry(message.clientId), {}, t("state.again"));
  const remove = button("link", () => act.remove(message.clientId), {}, t("state.remove"));
  return h("span", { class: "state bad" }, icon("alert"), t(tooLong ? "state.tooLong" : "state.failed"), " ", again, remove);
}

function rule(kind, ...inside) {
  return h("div", { class: `rule ${kind}` }, inside);
}

function left({ name, byMe, time, newest, readOnly }, { t, clock }) {
  const key = byMe ? "ended.byYou" : name ? "ended.byName" : "ended.at";
  const line = rule("left", h("span", {}, t(key, { name, time: clock(time) })));
  const more = newest && !readOnly && h("p", {}, t("ended.resume"));
  return h("div", { class: "left-block" }, line, more);
}

/** The home screen while the thread is empty, a quiet greeting above it later. */
export function homeNode({ empty }, kit, act) {
  const { t, config } = kit;
  const home = config.homeScreen.enabled ? config.homeScreen : {};
  const logo = empty && safeUrl(home.logoUrl);
  const title = home.title || t("home.title");
  const text = home.text || config.look.greeting || t("home.text");
  const suggestions = empty ? (home.suggestions ?? []) : [];
  return h("div", { class: empty ? "home" : "home small" },
    logo && h("img", { class: "home-logo", src: logo, alt: "" }),
    h("h2", {}, h("bdi", {}, title)), h("p", {}, h("bdi", {}, text)),
    empty && hours(kit),
    suggestions.length > 0 && h("div", { class: "suggestions", role: "group", "aria-label": t("home.suggestions") },
      suggestions.map((one) => button("suggestion", () => act.suggest(one), {}, h("span", { dir: "auto" }, one), icon("right", "sm flip")))));
}

function hours(kit) {
  const expected = expectation(kit);
  if (!expected || expected.open) return null; // the head says it already
  const words = h("span", {}, expected.text, h("small", {}, kit.t("hours.leave")));
  return h("p", { class: "hours" }, h("i", { class: "lamp off" }), words);
}

/** One builder per kind of item: (item, kit, act) → node. */
const BUILD = {
  home: homeNode,
  loading: (_item, { t }) => h("div", { class: "loading" }, h("span", { class: "sr" }, t("thread.loading")), [1, 2, 3].map(() => h("i", { class: "skel" }))),
  older: (_item, { t }, act) => h("div", { class: "older" }, button("link", act.older, {}, t("thread.older"))),
  day: (item) => rule("day", h("span", {}, item.label)),
  joined: ({ author }, { t }) =>
    rule("joined", avatar(author), h("span", {}, around(t("thread.joined"), "name", h("b", {}, h("bdi", {}, author.name))))),
  left,
  message: (item, kit, act) => (item.mine ? mine(item, kit, act) : theirs(item, kit, act)),
  typing: ({ author }, { t }) =>
    h("div", { class: "m them" }, avatar(author), h("p", { class: "bubble typing dots" },
      h("span", { class: "sr" }, author.name ? t("thread.typingName", { name: author.name }) : t("thread.typing")),
      h("i"), h("i"), h("i"))),
};
