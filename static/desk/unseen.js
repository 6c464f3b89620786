/**
 * What came while nobody read along: a line above the first of it, and how many stand below the screen. The line goes
 * when the reader writes, or with the next thread.
 */
import { h } from "../design/dom.js";
import { text } from "./net.js";

const log = () => document.getElementById("log");
const mark = () => document.getElementById("new-mark");
let below = 0; // messages that came under the end of the screen
let caughtUp = true; // the reader was at the end since the line was drawn

/** A thread was opened: the line stands above the first message that nobody of the company has read. */
export function opened(readUpTo) {
  below = 0;
  caughtUp = true;
  const { conversation } = log().dataset;
  const rows = [...log().querySelectorAll(`.msg.in[data-conversation="${conversation}"]`)];
  const first = rows.find((row) => Number(row.dataset.seq) > readUpTo);
  if (first && first !== rows[0]) place(first);
}

/** A customer's message arrived; `below`: it isn't on the screen. */
export function came(node, { below: out }) {
  const reading = !out && document.visibilityState === "visible" && document.hasFocus();
  if (out) below += 1;
  if (reading) return;
  if (caughtUp || !mark()) place(node);
  caughtUp = false;
  away();
}

/** A row of ours: who writes has read. */
export function wrote(node) {
  if (node.classList.contains("mine")) mark()?.remove();
}

/** The end is on the screen. */
export function atEnd() {
  below = 0;
  if (document.hasFocus()) caughtUp = true;
  const button = document.getElementById("newest");
  if (button) button.hidden = true;
}

/** The end isn't on the screen: a way there, and how many are new. */
export function away() {
  const button = document.getElementById("newest");
  const box = log();
  if (!button || !box) return;
  const far = box.scrollHeight - box.scrollTop - box.clientHeight > box.clientHeight / 2;
  button.hidden = !below && !far;
  const words = below === 1 ? text("newOne") : below ? text("newMany", { count: below }) : text("toNewest");
  button.querySelector("span").textContent = words;
  button.classList.toggle("news", below > 0);
}

function place(node) {
  mark()?.remove();
  const before = node.previousElementSibling?.matches(".mark.day") ? node.previousElementSibling : node;
  before.before(h("div", { class: "mark new", id: "new-mark", role: "separator" }, h("span", {}, text("newMark"))));
}
