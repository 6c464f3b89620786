/** Rich content that goes with the next reply of each conversation: what was built, as items of a message. */
import { h, icon } from "../design/dom.js";
import { tell } from "../design/events.js";
import { text } from "./net.js";
import { nameOf } from "./pending.js";

const built = new Map(); // conversation → items (quick_replies, card, carousel)

const list = () => document.getElementById("composer-content");
const current = () => document.getElementById("composer")?.dataset.conversation;

export const contentOf = (conversation) => built.get(conversation) ?? [];

/** Set what goes with a conversation's next reply. */
export function putContent(conversation, items) {
  built.set(conversation, items);
  if (conversation === current()) list()?.replaceChildren(...items.map(draw));
}

export const clearContent = (conversation) => putContent(conversation, []);

function draw(item, index) {
  const name = nameOf(item);
  const change = h("button", { type: "button", class: "link", "data-rich-edit": index }, name);
  const away = h("button", { type: "button", class: "btn ghost icon-only", "aria-label": text("removeFile", { name }), onclick: () => drop(index) }, icon("x", "sm"));
  return h("li", { class: "file" }, icon("cards"), h("span", {}, h("b", {}, change), h("small", {}, text(`kind.${item.type}`))), away);
}

function drop(index) {
  putContent(current(), contentOf(current()).filter((_, at) => at !== index));
  tell("composer-changed");
  document.getElementById("composer-text")?.focus();
}
