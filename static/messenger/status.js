/** What the customer must know about the line and the session: one banner, one line in the head, one end block. */
import { h, icon } from "./dom.js";

/**
 * The one banner that matters now, as {tone, icon, bold, text, action, act}, or null.
 * Pure; `quiet` is true while a short gap isn't worth a word.
 */
export function bannerFor({ phase, link, online, retryIn, pausedFor, quiet }) {
  if (phase === "elsewhere") return { tone: "", icon: "info", bold: "elsewhere", text: "elsewhereText", action: "useHere", act: "takeBack" };
  if (phase === "refused") return { tone: "bad", icon: "alert", bold: "refused", text: "refusedText", action: "tryNow", act: "takeBack" };
  if (phase === "expired" || phase === "ended") return null;
  if (!online && link !== "ready") return { tone: "warn", icon: "cloud-off", bold: "offline", text: "offlineText" };
  if (link === "waiting" && !quiet) return { tone: "", icon: "retry", spin: true, bold: "reconnecting", text: "nextTry", count: retryIn, action: "tryNow", act: "retry" };
  if ((link === "connecting" || link === "open") && !quiet) return { tone: "", icon: "retry", spin: true, bold: "connecting" };
  if (pausedFor) return { tone: "warn", icon: "clock", bold: "slowDown", text: "slowDownText", count: pausedFor };
  return null;
}

/** Draw it; the node stays while only the seconds count down. */
export function drawBanner(slot, banner, t, actions) {
  const sign = banner ? `${banner.bold} ${banner.text}` : "";
  const text = banner?.text ? t(banner.text, { count: banner.count }) : "";
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
  const button = banner.action && h("button", { class: "link", type: "button", onclick: actions[banner.act] }, t(banner.action));
  return h("div", { class: `banner ${banner.tone}` }, mark, h("p", {}, h("b", {}, t(banner.bold)), " ", words), button);
}

/** "You're talking to Ana": who answers, under the company's name. */
export function headLine(counterpart, phase, t) {
  if (phase === "ended" || phase === "expired") return t("headOver");
  if (!counterpart?.name) return t("headIdle");
  return t(counterpart.bot ? "headBot" : "headPerson", { name: counterpart.name });
}
