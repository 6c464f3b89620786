/** The fields of pickers and forms: each is {id, label, node, read: () => {text, payload} or null, focus}. */
import { h } from "./dom.js";

let count = 0;
const fresh = () => `field-${++count}`;

/** A line or a box to write in. */
export function inputField({ id, title, subtitle, placeholderText, isRequired, isMultipleLine, keyboardType, autoCompleteType }) {
  const name = fresh();
  const props = { id: name, class: "input", dir: "auto", placeholder: placeholderText, autocomplete: autoCompleteType, "aria-describedby": `${name}-more` };
  const input = isMultipleLine ? h("textarea", { ...props, rows: "3" }) : h("input", { ...props, type: "text", inputmode: keyboardMode(keyboardType) });
  if (isRequired) input.required = true;
  const node = h("div", { class: "field" }, h("label", { for: name, dir: "auto" }, title || placeholderText || id),
    subtitle && h("small", { class: "hint", dir: "auto" }, subtitle), input, h("p", { class: "error", id: `${name}-more`, hidden: true }));
  const read = () => (input.value.trim() ? { text: input.value.trim(), payload: input.value.trim() } : null);
  return { id, label: title || placeholderText || id, required: Boolean(isRequired), node, read, focus: () => input.focus(), mark: (bad) => input.setAttribute("aria-invalid", String(bad)) };
}

/** What a phone's keyboard should offer. */
function keyboardMode(type = "") {
  const known = { email: "email", emailaddress: "email", numberpad: "numeric", number: "numeric", numeric: "numeric", decimalpad: "decimal", phonepad: "tel", phone: "tel", tel: "tel", url: "url" };
  return known[type.toLowerCase()] ?? null;
}

/** Radio buttons or, where several may be chosen, check boxes: one list, or sections with titles. */
export function listField(id, sections, { required = false } = {}) {
  const chosen = () => [...node.querySelectorAll("input:checked")].map((input) => items[input.value]);
  const items = {};
  const one = fresh();
  const node = h("div", { class: "field choices" }, sections.map((section) => choices(section, items, one)), h("p", { class: "error", hidden: true }));
  const read = () => {
    const found = chosen();
    return found.length ? { text: found.map((item) => item.title).join(", "), payload: found.map((item) => item.value ?? item.id).join(","), items: found } : null;
  };
  return { id, label: sections[0]?.title || "", required, node, read, focus: () => node.querySelector("input")?.focus(), mark: () => {} };
}

function choices({ title, multipleSelection, items }, known, one) {
  const rows = items.map((item) => {
    const key = String(Object.keys(known).length);
    known[key] = item;
    const input = h("input", { type: multipleSelection ? "checkbox" : "radio", name: multipleSelection ? fresh() : one, value: key });
    const words = h("span", { dir: "auto" }, item.title, item.subtitle && h("small", {}, item.subtitle));
    return h("label", { class: "choice" }, input, words);
  });
  return h("fieldset", {}, h("legend", { dir: "auto", class: title ? "" : "sr" }, title ?? ""), rows);
}

/** One of the times that are offered, or any within the limits. */
export function dateField(id, ask, { t, day, clock, locale }) {
  const times = ask.availableTimes ?? [];
  if (times.length) return offeredTimes(id, ask, times, { day, clock });
  const name = fresh();
  const input = h("input", { id: name, class: "input", type: "datetime-local", min: local(ask.dateMinimum), max: local(ask.dateMaximum) });
  const node = h("div", { class: "field" }, h("label", { for: name, dir: "auto" }, ask.title || t("date.label")), input, h("p", { class: "error", hidden: true }));
  const long = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
  const read = () => {
    const at = new Date(input.value);
    return Number.isNaN(at.getTime()) || !input.validity.valid ? null : { text: long.format(at), payload: at.toISOString() };
  };
  return { id, label: ask.title || t("date.label"), required: false, node, read, focus: () => input.focus(), mark: (bad) => input.setAttribute("aria-invalid", String(bad)) };
}

function offeredTimes(id, ask, times, { day, clock }) {
  const sections = new Map();
  for (const { dateTime, duration } of times) {
    const at = Date.parse(dateTime);
    const until = duration ? ` – ${clock(at + duration * 1000)}` : "";
    const item = { id: dateTime, title: `${clock(at)}${until}`, full: `${day(at)}, ${clock(at)}` };
    sections.set(day(at), [...(sections.get(day(at)) ?? []), item]);
  }
  const field = listField(id, [...sections].map(([title, items]) => ({ title, items })));
  const read = () => {
    const [item] = field.read()?.items ?? [];
    return item ? { text: item.full, payload: item.id } : null;
  };
  return { ...field, label: ask.title ?? "", read };
}

/** An ISO time as the browser's own time field writes it, in the reader's zone. */
function local(iso) {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return null;
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Show what is wrong with a field, or nothing. */
export function complain(field, words) {
  const place = field.node.querySelector(".error");
  place.hidden = !words;
  place.textContent = words ?? "";
  field.mark(Boolean(words));
}

/**
 * The `message` of a filled list picker, date picker or form.
 * @param {string} text what stands in the thread; @param {object[]} content ButtonResponses, or one Form
 */
export function filledMessage(text, content, messageId) {
  return { type: "Structured", text, content, metadata: { parentMessageId: messageId } };
}
