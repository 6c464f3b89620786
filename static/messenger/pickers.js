/** The list picker and the date picker, in a sheet. */
import { sheet } from "./dialog.js";
import { h } from "./dom.js";
import { complain, dateField, filledMessage, listField } from "./fields.js";

/** Let the customer choose; resolves with the message to send, or null. `kind`: "listPicker" or "datePicker". */
export async function fill(kind, ask, messageId, kit) {
  const list = kind === "listPicker";
  const field = list ? listField("", ask.sections) : dateField("", ask, kit);
  const title = (list ? (ask.receivedMessage?.title ?? ask.sections[0]?.title) : ask.title) || kit.t(`picker.${kind}`);
  const chosen = await sheet(title, (close) => body(field, ask.subtitle, close, kit), kit);
  if (!chosen) return null;
  const picked = list ? chosen.items.map(({ id, title: text }) => ({ text, payload: id })) : [chosen];
  const type = list ? "ListPicker" : "DatePicker";
  const content = picked.map(({ text, payload }) => ({
    contentType: "ButtonResponse", buttonResponse: { type, text, payload, originatingMessageId: messageId },
  }));
  return filledMessage(chosen.text, content, messageId);
}

function body(field, subtitle, close, { t }) {
  const submit = (event) => {
    event.preventDefault();
    const chosen = field.read();
    complain(field, chosen ? null : t("picker.required"));
    if (chosen) close(chosen);
    else field.focus();
  };
  return h("form", { class: "sheet-body", novalidate: true, onsubmit: submit },
    subtitle && h("p", { dir: "auto" }, subtitle), field.node,
    h("div", { class: "sheet-actions" }, h("button", { class: "btn primary large" }, t("picker.send"))));
}
