/** After the end: how was it? Five faces, then a comment. Goes out as a message with the rating in its attributes. */
import { button, h } from "./dom.js";
import { textMessage, withAttributes } from "./protocol.js";

const SVG = "http://www.w3.org/2000/svg";
const CIRCLE = "M16 3a13 13 0 1 0 0 26 13 13 0 0 0 0-26";
const FACES = [
  "M10 22.5c3-4.5 9-4.5 12 0M9.5 11l3.5 1.5M22.5 11 19 12.5M12 15v.01M20 15v.01",
  "M11 21.5c2.5-2.5 7.5-2.5 10 0M11.5 13v.01M20.5 13v.01",
  "M11 20.5h10M11.5 13v.01M20.5 13v.01",
  "M11 19.5c2.5 2.7 7.5 2.7 10 0M11.5 13v.01M20.5 13v.01",
  "M9.5 18h13c-.6 7.5-12.4 7.5-13 0zM10 13c.8-1.5 2.4-1.5 3.2 0M18.8 13c.8-1.5 2.4-1.5 3.2 0",
];

/** Ask in the slot, about the one who answered. Asked once for each end, whatever the customer says to it. */
export function fill(slot, { kit: { t }, client, store, draw, focus }, name) {
  const done = (message) => {
    store.set("surveyed", slot.dataset.about);
    if (message) client.add(message, message.text);
    draw();
    focus();
  };
  const rating = () => Number(slot.querySelector("input:checked")?.value ?? 0);
  const comment = h("textarea", { class: "input", rows: "2", dir: "auto", id: "survey-comment", maxlength: "1000" });
  const more = h("div", { class: "survey-more", hidden: true },
    h("div", { class: "field" }, h("label", { for: "survey-comment" }, t("survey.comment"), " ", h("small", { class: "hint" }, t("survey.optional"))), comment),
    h("div", { class: "sheet-actions" }, button("btn ghost large", () => done(null), {}, t("survey.later")), h("button", { class: "btn primary large" }, t("survey.send"))));
  const faces = FACES.map((path, index) => face(path, index + 1, t(`survey.${index + 1}`), () => (more.hidden = false)));
  const later = button("link", () => done(null), { class: "link" }, t("survey.later"));
  const title = name ? t("survey.titleName", { name }) : t("survey.title");
  const send = (event) => {
    event.preventDefault();
    if (rating()) done(surveyMessage(rating(), comment.value.trim(), t));
  };
  slot.replaceChildren(h("form", { onsubmit: send },
    h("fieldset", {}, h("legend", { dir: "auto" }, title), h("div", { class: "faces" }, faces)), more, later));
  slot.addEventListener("change", () => later.remove(), { once: true });
}

function face(path, value, words, picked) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", CIRCLE + path);
  svg.append(shape);
  return h("label", {}, h("input", { type: "radio", name: "rating", value: String(value), onchange: picked }), svg, h("span", {}, words));
}

/** The rating as a text that people can read, and as attributes and metadata that programs can. */
export function surveyMessage(rating, comment, t) {
  const said = t("survey.said", { rating, word: t(`survey.${rating}`) });
  const text = comment ? `${said}\n${comment}` : said;
  const message = { ...textMessage(text), metadata: { surveyRating: String(rating) } };
  return withAttributes(message, { surveyRating: String(rating) });
}
