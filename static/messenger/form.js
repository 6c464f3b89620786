/** A form of one or more pages, in a sheet: each page is checked before the next; what was written stays on the way back. */
import { sheet } from "./dialog.js";
import { button, h } from "./dom.js";
import { complain, dateField, filledMessage, inputField, listField } from "./fields.js";

/** Let the customer fill it; resolves with the message to send, or null. */
export async function fill(_kind, ask, messageId, kit) {
  const pages = ask.formPages.map((page, index) => ({
    ...page, fields: page.pageComponents.map((component, place) => fieldOf(component, `${index}-${place}`, kit)).filter(Boolean),
  }));
  const title = ask.introduction?.title || ask.receivedMessage?.title || kit.t("picker.form");
  const answers = await sheet(title, (close) => new Pages(pages, ask, close, kit).node, kit);
  if (!answers) return null;
  const response = answers.map(({ id, text, payload }) => ({
    id, component: { contentType: "ButtonResponse", buttonResponse: { type: "Form", text, payload } },
  }));
  const form = { originatingMessageId: messageId, cannedResponseId: ask.cannedResponseId, response };
  const text = answers.map(({ label, text: said }) => (label ? `${label}: ${said}` : said)).join("\n") || title;
  return filledMessage(text, [{ contentType: "Form", form }], messageId);
}

function fieldOf(component, place, kit) {
  const { formComponentType: type, input, datePicker, listPicker, wheelPicker } = component;
  if (type === "Input") return inputField(input);
  if (type === "DatePicker") return dateField(datePicker.id ?? place, datePicker, kit);
  if (type === "ListPicker") return listField(listPicker.id ?? place, listPicker.sections);
  return type === "WheelPicker" ? listField(wheelPicker.id, [{ items: wheelPicker.items }]) : null;
}

class Pages {
  #pages;
  #ask;
  #close;
  #t;
  #at = 0;

  constructor(pages, ask, close, { t }) {
    this.#pages = pages;
    this.#ask = ask;
    this.#close = close;
    this.#t = t;
    this.node = h("form", { class: "sheet-body", novalidate: true, onsubmit: (event) => this.#next(event) });
    this.#draw();
  }

  get #count() {
    return this.#pages.length + (this.#ask.showSummary ? 1 : 0);
  }

  #draw() {
    const page = this.#pages[this.#at];
    const last = this.#at === this.#count - 1;
    this.node.replaceChildren(
      this.#count > 1 ? h("small", { class: "num" }, this.#t("form.page", { at: this.#at + 1, count: this.#count })) : "",
      ...(page ? this.#page(page) : [this.#summary()]),
      h("div", { class: "sheet-actions" },
        this.#at > 0 && button("btn large", () => this.#turn(-1), {}, this.#t("form.back")),
        h("button", { class: "btn primary large" }, this.#t(last ? "picker.send" : "form.next"))),
    );
  }

  #page({ title, subtitle, fields }) {
    const words = [title && h("h3", { dir: "auto" }, title), subtitle && h("p", { dir: "auto" }, subtitle)].filter(Boolean);
    return [...words, ...fields.map((field) => field.node)];
  }

  #summary() {
    return h("dl", { class: "summary" }, this.#answers().map(({ label, text }) => [h("dt", { dir: "auto" }, label), h("dd", { dir: "auto" }, text)]));
  }

  #answers() {
    const answers = this.#pages.flatMap(({ title, fields }) =>
      fields.map((field) => ({ id: field.id, label: field.label || title || "", ...field.read() })));
    return answers.filter((answer) => answer.text);
  }

  #next(event) {
    event.preventDefault();
    const missing = (this.#pages[this.#at]?.fields ?? []).filter((field) => {
      const empty = field.required && !field.read();
      complain(field, empty ? this.#t("form.required") : null);
      return empty;
    });
    if (missing.length) missing[0].focus();
    else if (this.#at < this.#count - 1) this.#turn(1);
    else this.#close(this.#answers());
  }

  #turn(by) {
    this.#at += by;
    this.#draw();
    (this.#pages[this.#at]?.fields[0] ?? { focus: () => this.node.querySelector("button.primary").focus() }).focus();
  }
}
