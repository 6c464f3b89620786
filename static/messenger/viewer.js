/** One picture large, over everything. */
import { button, h, icon } from "./dom.js";

/** Show it; `from` is what was pressed; the browser gives it the focus back. */
export function show({ href, name, from }, { t }) {
  const close = button("btn large", () => node.close(), {}, icon("x"), t("viewer.close"));
  const whole = h("a", { class: "btn large", href, target: "_blank", rel: "noopener" }, icon("save"), t("viewer.open"));
  const node = h("dialog", { class: "viewer", "aria-label": name },
    h("div", { class: "viewer-bar" }, h("b", {}, h("bdi", {}, name)), whole, close),
    h("img", { src: href, alt: name }));
  node.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
  node.addEventListener("click", (event) => event.target === node && node.close());
  node.addEventListener("close", () => {
    node.remove();
    if (!from.isConnected) document.querySelector("[data-part=log]").focus(); // its message was drawn anew meanwhile
  });
  document.querySelector("[data-messenger]").append(node);
  node.showModal();
  close.focus();
}
