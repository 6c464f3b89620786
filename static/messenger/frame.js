/** The messenger's fixed parts, top to bottom, and what they say of the line and the session: one banner, one line in the head. */
import { button, h, icon, safeUrl, tool } from "./dom.js";

const KEYBOARD_PX = 120; // a viewport this much lower has a keyboard under it

/** Phones that lay the keyboard over the page: the messenger is as high as what is left. */
export function fitKeyboard() {
  const { height, scale } = visualViewport;
  const open = scale === 1 && innerHeight - height > KEYBOARD_PX; // a magnified page is lower too
  document.documentElement.style.setProperty("--seen", open ? `${height}px` : "");
  if (open) scrollTo(0, 0);
}

/** Build them into `root`; returns them by name. */
export function buildFrame(root, { t, config }) {
  const parts = {};
  const part = (name, node) => {
    node.dataset.part = name;
    parts[name] = node;
    return node;
  };
  root.append(
    head(part, t, config),
    h("div", { class: "chat-body" },
      part("banner", h("div", { class: "banners", role: "status" })),
      part("log", h("div", { class: "chat-log", role: "log", "aria-live": "off", "aria-label": t("thread.label"), tabindex: "0" })),
      part("jump", button("jump", null, { hidden: true }, icon("down"), t("thread.newest")))),
    part("survey", h("div", { class: "survey", hidden: true })),
    part("tray", h("ul", { class: "tray", hidden: true })),
    composer(part, t, config),
    part("over", h("div", { class: "over", role: "status", hidden: true })),
    part("announcer", h("div", { class: "sr", role: "status" })),
  );
  return parts;
}

function head(part, t, { look, embedded }) {
  const logo = safeUrl(look.logoUrl);
  const mark = h("div", { class: logo ? "logo picture" : "logo", "aria-hidden": "true" }, logo ? h("img", { src: logo, alt: "" }) : icon("chat", ""));
  return h("header", { class: "chat-head" },
    part("mark", mark),
    h("div", { class: "who" },
      h("h1", { id: "chat-name" }, h("bdi", {}, look.companyName)),
      h("p", {}, part("lamp", h("i", { class: "lamp", hidden: true })), part("head-line", h("span", {}, t("head.idle"))))),
    part("menu", tool("dots", t("menu.open"), null, { "aria-haspopup": "menu", "aria-expanded": "false", hidden: true })),
    embedded && part("close", tool("down", t("head.close"), null)));
}

function composer(part, t, { attachments, extras }) {
  const input = h("textarea", {
    rows: "1", dir: "auto", "aria-label": t("composer.label"), "aria-describedby": "problem",
    placeholder: t("composer.placeholder"), enterkeyhint: "enter", autocomplete: "off",
  });
  return part("composer", h("form", { class: "say" },
    h("p", { class: "problem", id: "problem", role: "alert", hidden: true }),
    h("div", { class: "say-row" },
      attachments && part("attach", tool("clip", t("composer.attach"), null)),
      attachments && part("file", h("input", { type: "file", multiple: true, hidden: true })),
      input,
      extras.emoji && part("emoji", tool("smile", t("composer.emoji"), null, { "aria-haspopup": "dialog", "aria-expanded": "false" })),
      h("button", { class: "send", "aria-label": t("composer.send") }, icon("up", "")))));
}

// --- what they say ---------------------------------------------------------------------------------

/**
 * The one banner that matters now, as {tone, icon, name, action}, or null; its words are labels under `status.<name>`.
 * Pure; `quiet` is true while a short gap isn't worth a word.
 */
export function bannerFor({ phase, link, online, retryIn, pausedFor, quiet }) {
  if (phase === "elsewhere") return { icon: "info", name: "elsewhere", text: true, action: "takeBack" };
  if (phase === "refused") return { tone: "bad", icon: "alert", name: "refused", text: true, action: "retryNow" };
  if (phase === "expired" || phase === "ended") return null;
  if (!online && link !== "ready") return { tone: "warn", icon: "cloud", name: "offline", text: true };
  if (link === "waiting" && !quiet) return { icon: "retry", spin: true, name: "reconnecting", text: true, count: retryIn, action: "retry" };
  if ((link === "connecting" || link === "open") && !quiet) return { icon: "retry", spin: true, name: "connecting" };
  if (pausedFor) return { tone: "warn", icon: "clock", name: "slow", text: true, count: pausedFor };
  return null;
}

/** Draw it; the node stays while only the seconds count down. It lies over the log: nothing moves. */
export function drawBanner(slot, banner, t, actions) {
  const sign = banner?.name ?? "";
  const text = banner?.text ? t(`status.${sign}Text`, { count: banner.count }) : "";
  if (slot.dataset.sign !== sign) {
    slot.dataset.sign = sign;
    slot.replaceChildren(...(banner ? [bannerNode(banner, t, actions)] : []));
  }
  const words = slot.querySelector(".words");
  if (words && words.textContent !== text) words.textContent = text;
}

function bannerNode(banner, t, actions) {
  const mark = icon(banner.icon);
  if (banner.spin) mark.classList.add("spin");
  const words = h("span", { class: "words num", "aria-live": banner.count === undefined ? null : "off" });
  const act = banner.action && button("link", actions[banner.action], {}, t(`status.${banner.action}`));
  return h("div", { class: `banner ${banner.tone ?? ""}` }, mark, h("p", {}, h("b", {}, t(`status.${banner.name}`)), " ", words), act);
}

/** Under the company's name: who answers, or when to expect an answer. {text, open: bool or null} */
export function headLine({ counterpart, phase, humanize }, kit) {
  const { t } = kit;
  if (phase === "ended" || phase === "expired") return { text: t("head.over"), open: null };
  if (humanize && counterpart?.name) return { text: t(counterpart.bot ? "head.bot" : "head.person", { name: counterpart.name }), open: true };
  return expectation(kit) ?? { text: t("head.idle"), open: null };
}

/** When to expect an answer, with a lamp: open or closed. Null where the configuration says nothing of it. */
export function expectation({ t, config, duration, when }) {
  const { answerTime, opening } = config.extras;
  if (opening && !opening.open) {
    const at = Date.parse(opening.opensAt ?? "");
    return { open: false, text: Number.isNaN(at) ? t("hours.closed") : t("hours.opens", { time: when(at) }) };
  }
  if (answerTime) return { open: true, text: t("hours.answers", { time: duration(answerTime) }) };
  return opening ? { open: true, text: t("hours.open") } : null;
}
