/** The menu beside Send: how long a reply is held, and whether links offer a preview. */
import { choose, setting } from "./settings.js";

const menu = () => document.getElementById("composer-menu");
const opener = () => document.getElementById("composer-options");

function draw() {
  for (const input of menu().querySelectorAll("[name=undo]")) input.checked = Number(input.value) === setting("undo");
  menu().querySelector("[name=previews]").checked = setting("previews");
}

function show(open) {
  if (!menu() || menu().hidden === !open) return;
  menu().hidden = !open;
  opener().setAttribute("aria-expanded", String(open));
  if (!open) return;
  draw();
  menu().querySelector("input:checked")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#composer-options")) show(menu().hidden);
  else if (!event.target.closest?.("#composer-menu")) show(false);
});
document.addEventListener("change", (event) => {
  if (!event.target.closest?.("#composer-menu")) return;
  if (event.target.name === "undo") choose("undo", Number(event.target.value));
  else choose("previews", event.target.checked);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu() || menu().hidden) return;
  event.preventDefault();
  show(false);
  opener().focus();
});
document.addEventListener("focusin", (event) => {
  if (!event.target.closest?.("#composer-menu, #composer-options")) show(false);
});
