/** Messages on their way, as the thread shows them until the server's row takes their place. */
import { h } from "../design/dom.js";
import { announce, text } from "./net.js";
import { leftOf, waiting } from "./outbox.js";
import { log, openId } from "./thread.js";

let ticking = 0;

/** The message at once, as it will look; the server's answer changes this very node. */
export function bubble(item, { markdown = false } = {}) {
  if (log().querySelector(`[data-client-id="${item.id}"]`)) return;
  const node = document.getElementById("pending").content.firstElementChild.cloneNode(true);
  node.dataset.clientId = item.id;
  node.classList.add(item.mode === "note" ? "note" : "out", "mine");
  const named = [...item.files.map((file) => file.name), ...(item.content ?? []).map(nameOf)];
  node.querySelector("p").textContent = item.text || named.join(", ");
  if (markdown && item.mode === "reply" && item.text) void marked(node, item.text);
  document.getElementById("typing").before(node);
  if (leftOf(item)) hold(node, item);
}

/** What stands for rich content in one line. */
export function nameOf(one) {
  if (one.type === "quick_replies") return one.items.map((reply) => reply.text).join(" · ");
  return one.title ?? one.cards?.[0]?.title ?? one.type;
}

async function marked(node, words) {
  const { markdown } = await import("../messenger/markdown.js");
  const plain = node.isConnected && node.classList.contains("pending") ? node.querySelector("p") : null;
  plain?.replaceWith(h("div", { class: "bubble md", dir: "auto" }, markdown(words)));
}

function hold(node, item) {
  const state = node.querySelector(".state");
  const act = (name, label) => h("button", { type: "button", class: "link", [`data-${name}`]: item.id }, text(label));
  state.after(act("undo", "undo"), act("send-now", "sendNow"));
  announce(text("held", { seconds: Math.ceil(leftOf(item) / 1000) }));
  tick();
}

function tick() {
  clearTimeout(ticking);
  const held = waiting(openId()).filter(leftOf);
  for (const item of held) mark(item, text("sendingIn", { seconds: Math.ceil(leftOf(item) / 1000) }));
  if (held.length) ticking = setTimeout(tick, 250);
}

/** Say how it stands with a message that isn't there yet. */
export function mark(item, words) {
  const node = find(item)?.querySelector(".state");
  if (node && node.textContent !== words) node.textContent = words;
}

/** It is on its way, and can't be taken back any more. */
export function leave(item) {
  mark(item, text("sending"));
  const buttons = find(item)?.querySelectorAll("[data-undo], [data-send-now]") ?? [];
  const focused = [...buttons].includes(document.activeElement);
  for (const button of buttons) button.remove();
  if (focused) document.getElementById("composer-text")?.focus();
}

/** It isn't sent after all. */
export function drop(item) {
  find(item)?.remove();
}

const find = (item) => log()?.querySelector(`.pending[data-client-id="${item.id}"]`);
