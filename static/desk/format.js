/**
 * Formatting of a reply where the channel shows Markdown: a toolbar, the usual keys, a list that goes on with the next
 * line, and an address pasted over words. It writes the marks; the thread shows what the customer sees.
 */
import { insert, lines, wrap } from "./caret.js";

const KEYS = { b: "bold", i: "italic", k: "link", "8": "list", "*": "list", "(": "list" };
const ADDRESS = /^https?:\/\/\S+$/i;
const BEGUN = /^(\s{0,3}[-*+]\s+)(.*)$/;
const form = () => document.getElementById("composer");
const box = () => document.getElementById("composer-text");
const formats = () => form() && "markdown" in form().dataset && form().dataset.mode === "reply";
const modifier = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl ";

const ACTS = { bold: () => wrap("**"), italic: () => wrap("_"), list: () => lines("- "), link };

/** Words that are selected become the link's; an address that is selected becomes its address. */
function link(address = "") {
  const { selectionStart: start, selectionEnd: end, value } = box();
  const selected = value.slice(start, end);
  if (ADDRESS.test(selected)) {
    insert(`[](${selected})`);
    box().setSelectionRange(start + 1, start + 1);
  } else {
    insert(`[${selected}](${address || "https://"})`);
    const at = start + selected.length + 3;
    if (!address && selected) box().setSelectionRange(at, at + "https://".length);
    else if (!selected) box().setSelectionRange(start + 1, start + 1);
  }
}

/** Shift and Enter in a list begin its next line; in an empty one they end it. */
function nextLine() {
  const { selectionStart: at, value } = box();
  const start = value.lastIndexOf("\n", at - 1) + 1;
  const match = BEGUN.exec(value.slice(start, at));
  if (!match) return false;
  if (match[2]) insert(`\n${match[1]}`);
  else {
    box().setSelectionRange(start, at);
    insert("");
  }
  return true;
}

function onKey(event) {
  if (event.target !== box() || !formats() || event.isComposing || event.altKey) return;
  if (event.key === "Enter" && event.shiftKey) {
    if (nextLine()) event.preventDefault();
    return;
  }
  const name = (event.ctrlKey || event.metaKey) && KEYS[event.key.toLowerCase()];
  if (!name || (name === "list") !== event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  ACTS[name]();
}

/** The toolbar is one stop of the Tab key; the arrows walk in it. */
function onToolbarKey(event) {
  const bar = event.target.closest?.(".format");
  if (!bar || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const all = [...bar.querySelectorAll("button")];
  const forward = (event.key === "ArrowRight") === (getComputedStyle(bar).direction !== "rtl") ? 1 : -1;
  const to = all[(all.indexOf(event.target) + forward + all.length) % all.length];
  for (const one of all) one.tabIndex = one === to ? 0 : -1;
  to.focus();
  event.preventDefault();
}

document.addEventListener("keydown", onKey, { capture: true });
document.addEventListener("keydown", onToolbarKey);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-format]");
  if (button) ACTS[button.dataset.format]();
});
document.addEventListener("pointerover", (event) => {
  const button = event.target.closest?.("[data-format]");
  if (button) button.title = `${button.getAttribute("aria-label")} (${modifier}${button.dataset.key})`;
});
document.addEventListener("paste", (event) => {
  const words = event.clipboardData?.getData("text/plain").trim() ?? "";
  if (event.target !== box() || !formats() || !ADDRESS.test(words) || box().selectionStart === box().selectionEnd) return;
  event.preventDefault();
  link(words);
});
