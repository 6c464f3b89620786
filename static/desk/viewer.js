/** The pictures of the open thread, one at a time over the whole window: arrows turn, Escape closes. */
import { h, icon } from "../design/dom.js";
import { text } from "./net.js";

let photos = [];
let at = 0;
let dialog = null;

/** Show the picture that a link of the thread leads to. */
export function show(link) {
  photos = [...document.querySelectorAll("#log a.photo")];
  at = photos.indexOf(link);
  dialog?.remove();
  dialog = build();
  document.body.append(dialog);
  draw();
  dialog.showModal();
}

function build() {
  const tool = (name, label, onclick, props = {}) => h("button", { type: "button", class: "btn ghost icon-only", "aria-label": text(label), title: text(label), onclick, ...props }, icon(name));
  const bar = h("div", { class: "viewer-bar" }, h("b", { id: "viewer-name" }), h("small", { class: "num", id: "viewer-of" }),
    tool("left", "viewer.previous", () => turn(-1), { "data-turn": "-1" }), tool("right", "viewer.next", () => turn(1), { "data-turn": "1" }),
    h("a", { class: "btn ghost icon-only", id: "viewer-open", target: "_blank", rel: "noopener", "aria-label": text("viewer.open"), title: text("viewer.open") }, icon("image")),
    tool("x", "close", () => dialog.close(), { autofocus: true }));
  const node = h("dialog", { class: "viewer", "aria-labelledby": "viewer-name" }, bar, h("img", { id: "viewer-image" }));
  node.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) turn(getComputedStyle(node).direction === "rtl" ? -by : by);
  });
  node.addEventListener("click", (event) => event.target === node && node.close());
  node.addEventListener("close", () => {
    node.remove();
    photos[at]?.focus({ preventScroll: true });
  });
  return node;
}

function turn(by) {
  at = Math.max(0, Math.min(photos.length - 1, at + by));
  draw();
}

function draw() {
  const link = photos[at];
  const name = link.querySelector("img").alt;
  const part = (id) => dialog.querySelector(`#viewer-${id}`);
  part("image").src = link.href;
  part("image").alt = name;
  part("name").textContent = name;
  part("open").href = link.href;
  part("of").textContent = photos.length > 1 ? text("viewer.of", { at: at + 1, count: photos.length }) : "";
  for (const button of dialog.querySelectorAll("[data-turn]")) {
    button.hidden = photos.length < 2;
    button.disabled = !photos[at + Number(button.dataset.turn)];
  }
}
