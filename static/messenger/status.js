/** What the customer must know about the line and the session: one banner over the log, one line in the head. */
import { button, h, icon } from "./dom.js";
import { expectation } from "./home.js";

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
