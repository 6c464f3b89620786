/**
 * Keys of the desk: one letter each, only while nobody writes. "?" lists them in a dialog, where each can be
 * changed and all be switched off. What was chosen is kept in this browser, for this user.
 */
import { kept, me } from "./net.js";

const STORE = `keys:${me}`;
const DEFAULTS = {
  accept: "a", decline: "d", write: "/", reply: "r", note: "n", transfer: "t", park: "p", end: "e", next: "j",
  previous: "k", search: "s", help: "?", queue: "q", pick: "c", resume: "u", files: "f", customer: "i", mine: "1",
  waiting: "2", parked: "3",
};
const BUTTONS = {
  accept: "[data-accept]", decline: ".offer [id^=decline-]", reply: "#mode-reply", note: "#mode-note",
  transfer: "#do-transfer", park: "#do-park", end: "#do-end", search: "#do-search", help: "#do-keys",
  queue: "#queue-switch, #queue-leave", pick: ".conv.on [id^=pick-], [id^=pick-]", resume: "#do-resume",
  files: "#composer-file", customer: "#do-customer", mine: "#tab-mine", waiting: "#tab-waiting", parked: "#tab-parked",
};
const WRITES = "input:not([type=file], [type=radio], [type=checkbox]), textarea, select, dialog"; // letters belong to them
const sheet = document.getElementById("sheet");
let changing = ""; // the action whose new key is waited for

const chosen = () => ({ on: true, keys: {}, ...kept.read(STORE, {}) });
const keyOf = (action) => chosen().keys[action] ?? DEFAULTS[action];
const actionOf = (key) => Object.keys(DEFAULTS).find((action) => keyOf(action) === key);
const store = (change) => kept.write(STORE, { ...chosen(), ...change });

function run(action) {
  if (action === "write") return focusComposer();
  if (action === "next" || action === "previous") return step(action === "next" ? 1 : -1);
  const button = document.querySelector(BUTTONS[action]);
  button?.click();
  return Boolean(button);
}

function focusComposer() {
  const box = document.getElementById("composer-text");
  box?.focus();
  return Boolean(box);
}

/** Open the conversation after, or before, the open one in the list; the first if none is open. */
function step(by) {
  const links = [...document.querySelectorAll(".list .conv a[data-open]")];
  const at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  const to = links[at < 0 ? 0 : at + by];
  to?.click();
  return Boolean(to);
}

const shown = (key) => key.toUpperCase();

/** Write the keys into the dialog and onto the offer's button. */
function draw() {
  const { on } = chosen();
  for (const node of document.querySelectorAll(".offer .kbd")) {
    node.hidden = !on;
    node.textContent = shown(keyOf("accept"));
  }
  const list = document.getElementById("keys-list");
  if (!list) return;
  document.getElementById("keys-on").checked = on;
  for (const button of list.querySelectorAll("[data-key-of]")) {
    const waits = button.dataset.keyOf === changing;
    button.querySelector("kbd").textContent = waits ? list.dataset.press : shown(keyOf(button.dataset.keyOf));
    button.setAttribute("aria-pressed", String(waits));
  }
}

function open() {
  changing = "";
  sheet.replaceChildren(document.getElementById("keys").content.cloneNode(true));
  draw();
  sheet.showModal();
}

function say(sentence) {
  const node = document.getElementById("keys-fault");
  node.textContent = sentence;
  node.hidden = !sentence;
}

/** The key that was pressed becomes the action's, unless another has it. */
function take(key) {
  const taken = actionOf(key);
  if (taken && taken !== changing) {
    const row = document.querySelector(`[data-key-of="${taken}"] span`).textContent;
    return say(document.getElementById("keys-list").dataset.taken.replace("{key}", shown(key)).replace("{action}", row));
  }
  store({ keys: { ...chosen().keys, [changing]: key } });
  changing = "";
  say("");
  return draw();
}

function onDialogKey(event) {
  if (!changing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") changing = "";
  else if (event.key.length !== 1 || event.key === " ") return;
  event.preventDefault();
  if (changing) take(event.key.toLowerCase());
  else draw();
}

document.addEventListener("keydown", (event) => {
  if (document.getElementById("keys-list")?.contains(/** @type {Element} */ (event.target))) return onDialogKey(event);
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing;
  if (busy || !chosen().on || event.target.closest(WRITES)) return undefined;
  const action = actionOf(event.key.toLowerCase());
  if (action && run(action)) event.preventDefault();
  return undefined;
});
document.addEventListener("click", (event) => {
  const to = (selector) => event.target.closest?.(selector);
  if (to("#do-keys")) open();
  else if (to("[data-key-of]")) {
    changing = to("[data-key-of]").dataset.keyOf;
    say("");
    draw();
  } else if (to("#keys-reset")) {
    changing = "";
    store({ keys: {} });
    say("");
    draw();
  }
});
document.addEventListener("change", (event) => {
  if (event.target.id === "keys-on") store({ on: event.target.checked });
  if (event.target.id === "keys-on") draw();
});
document.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "offers" && draw());
