/** A sheet over the messenger: the browser's own modal dialog, so that focus, Escape and screen readers are right. */
import { button, h, tool } from "./dom.js";

/**
 * Show a sheet with a title, and `fill(close)`'s nodes under it; resolves with what `close(value)` is called with,
 * or null when it is dismissed.
 */
export function sheet(title, fill, { t }) {
  return new Promise((done) => {
    let value = null;
    const close = (given = null) => {
      value = given;
      node.close();
    };
    /** @type {HTMLElement} */
    const root = document.querySelector("[data-messenger]");
    const head = h("header", { class: "sheet-head" }, h("h2", { id: "sheet-title" }, h("bdi", {}, title)), tool("x", t("sheet.close"), () => close()));
    const node = h("dialog", { class: "sheet", "aria-labelledby": "sheet-title", lang: root.lang, dir: root.dir }, head, fill(close));
    node.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation()); // not the host's business
    node.addEventListener("click", (event) => event.target === node && close());
    node.addEventListener("close", () => {
      node.remove();
      done(value);
    });
    root.append(node);
    node.showModal();
    (node.querySelector("[data-first]") ?? node.querySelector("header + * :is(button, input, textarea, select)") ?? node).focus();
  });
}

/** A question with two answers; true for yes. The safe answer has the focus. */
export function confirm({ title, text, yes }, kit) {
  const { t } = kit;
  return sheet(title, (close) => h("div", { class: "sheet-body" },
    h("p", {}, text),
    h("div", { class: "sheet-actions" },
      button("btn large", () => close(false), { "data-first": true }, t("sheet.cancel")),
      button("btn large danger", () => close(true), {}, yes))), kit);
}
