/**
 * Who else is at the open conversation: colleagues who look on, write a note or a reply. It is told by those who do
 * it, and fades when they stop telling; nothing of it is stored.
 */
import { h, icon } from "../design/dom.js";
import { hear } from "../design/events.js";
import { me, text } from "./net.js";
import { send } from "./socket.js";
import { openId } from "./thread.js";

const TELL_EVERY = 25_000; // ms
const FADES = { look: 2.5 * 25_000, note: 6_000, reply: 6_000 };
const ICONS = { look: "eye", note: "note", reply: "chat" };
const people = new Map(); // id → {name, look, note, reply}: until when each holds
let fading = 0;

function heard({ id, here }) {
  if (id !== openId() || here.id === me || !(here.doing in FADES)) return;
  people.set(here.id, { ...people.get(here.id), name: here.name, [here.doing]: Date.now() + FADES[here.doing] });
  draw();
}

/** One line each: what somebody writes comes before that they look. */
function draw() {
  clearTimeout(fading);
  const node = document.getElementById("here");
  if (!node) return;
  const now = Date.now();
  const doing = (one) => ["reply", "note", "look"].find((name) => one[name] > now);
  const shown = [...people.values()].map((one) => ({ name: one.name, doing: doing(one) })).filter((one) => one.doing);
  node.replaceChildren(...shown.map((one) => h("span", {}, icon(ICONS[one.doing], "sm"), text(`here.${one.doing}`, one))));
  node.hidden = !shown.length;
  if (shown.length) fading = setTimeout(draw, 2_000);
}

/** Somebody who looks without having it says so, so that nobody is watched unknowingly. */
function say() {
  const part = document.getElementById("thread-head")?.dataset.part;
  if (!openId() || ["owner", "parked", "wrapup"].includes(part) || document.visibilityState !== "visible") return;
  send({ here: openId(), doing: "look" });
}

hear("desk-here", heard);
hear("desk-thread", () => {
  people.clear();
  draw();
  say();
});
hear("desk-connected", say);
document.addEventListener("visibilitychange", say);
setInterval(say, TELL_EVERY);
