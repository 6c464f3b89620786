/** Cards and carousels: scrolled by wheel, finger, arrow keys and two buttons. */
import { button, h, icon, safeUrl } from "./dom.js";
import { safeLink } from "./extras.js";
import { link } from "./words.js";

/** One card, or several side by side. */
export function cardsNode(cards, message, act, { t }) {
  const inside = cards.map((card) => cardNode(card, message, act, cards.length > 1));
  if (cards.length === 1) return h("div", { class: "carousel" }, inside);
  const list = h("ul", { class: "cards", tabindex: "0", "aria-label": t("cards.label") }, inside);
  return h("div", { class: "carousel", role: "group", "aria-label": t("cards.label") }, list, turns(list, cards.length, t));
}

function cardNode(card, message, act, many) {
  const image = safeUrl(card.image);
  const video = safeUrl(card.video);
  const actions = (card.actions ?? []).map(
    (action) => linkTo(action) ?? button("", () => act.answer(answerMessage(action, message.id)), {}, action.text),
  );
  const whole = linkTo(card.defaultAction);
  whole?.replaceChildren(card.title ?? "");
  return h(many ? "li" : "div", { class: "card" },
    video ? h("video", { class: "pic", src: video, controls: true, preload: "metadata" }) : image && picture(image),
    h("div", { class: "card-text", dir: "auto" }, h("b", {}, whole ?? card.title ?? ""), card.description && h("span", {}, card.description)),
    actions);
}

/** The `message` of a pressed quick reply, or of a card's postback button (which names the card's message). */
export function answerMessage({ text, payload }, originatingMessageId = null) {
  const buttonResponse = { type: originatingMessageId ? "Button" : "QuickReply", text, payload: payload ?? text };
  if (originatingMessageId) buttonResponse.originatingMessageId = originatingMessageId;
  return { type: "Structured", text, content: [{ contentType: "ButtonResponse", buttonResponse }] };
}

/** A picture that leaves when it can't be had. */
export function picture(src) {
  return h("img", { class: "pic", src, alt: "", loading: "lazy", onerror: (event) => event.currentTarget.remove() });
}

/** A card's link out, or null. */
function linkTo(action) {
  const href = action?.type === "Link" ? safeLink(action.url) : null;
  return href ? link(href, action.text || action.url) : null;
}

/** "2 of 5" and the buttons for who has neither wheel nor finger. */
function turns(list, count, t) {
  const at = h("small", { class: "num" });
  const direction = () => (getComputedStyle(list).direction === "rtl" ? -1 : 1);
  const step = () => list.children[1].offsetLeft - list.children[0].offsetLeft || 1;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  const turn = (by) => () => list.scrollBy({ left: by * Math.abs(step()) * direction(), behavior });
  const back = button("btn icon-only", turn(-1), { "aria-label": t("cards.previous") }, icon("left", "sm flip"));
  const on = button("btn icon-only", turn(1), { "aria-label": t("cards.next") }, icon("right", "sm flip"));
  const show = () => {
    const where = Math.abs(list.scrollLeft);
    const last = where + list.clientWidth >= list.scrollWidth - 2;
    at.textContent = t("cards.at", { at: last ? count : Math.round(where / Math.abs(step())) + 1, count });
    back.setAttribute("aria-disabled", String(where < 2));
    on.setAttribute("aria-disabled", String(last));
  };
  at.textContent = t("cards.at", { at: 1, count });
  back.setAttribute("aria-disabled", "true");
  list.addEventListener("scroll", show, { passive: true });
  return h("div", { class: "turn" }, at, back, on);
}
