/**
 * Calls an agent who looks elsewhere: a sound for offers and messages, notifications while the desk isn't in front.
 * What was chosen is kept in this browser. Of several open desks only one sounds.
 */
import { hear, tell } from "../design/events.js";
import { ring } from "../design/ring.js";
import { kept, me, text } from "./net.js";

const STORE = `alerts:${me}`;
const DEFAULTS = { offers: true, messages: true, volume: 50, notify: false };
const AGAIN = 5_000; // ms between two sounds for an offer that nobody answers
const QUIET = 1_500; // ms at least between two sounds for messages
const sheet = document.getElementById("sheet");
const told = new Set(); // offers that were announced
const names = new Map(); // conversation → whose it is
const newest = new Map(); // conversation → number of the last message that was heard: a change of an older one is none
let leads = !navigator.locks;
let rang = 0;

const chosen = () => ({ ...DEFAULTS, ...kept.read(STORE, {}) });
const away = () => document.hidden || !document.hasFocus();

navigator.locks?.request(STORE, () => {
  leads = true;
  return new Promise(() => {}); // until this desk is closed
});

function sound(kind) {
  const { [kind]: on, volume } = chosen();
  if (!on || !leads || !volume) return;
  rang = Date.now();
  ring(volume / 100);
}

/** Say it outside the browser. `tag`: a newer one replaces it, also one of another desk. */
function notify(tag, title, body, conversation) {
  if (!chosen().notify || !away() || !("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(title, { body, tag });
  shown.onclick = () => {
    window.focus();
    tell("desk-open", { id: conversation });
    shown.close();
  };
}

// --- what calls ----------------------------------------------------------------------------------

function offers() {
  const open = [...document.querySelectorAll("#offers .offer")];
  for (const offer of open) {
    if (told.has(offer.id)) continue;
    told.add(offer.id);
    sound("offers");
    const name = offer.querySelector(".offer-who b").textContent;
    const place = offer.querySelector(".offer-who p").textContent.trim();
    notify(offer.id, text("alert.offer", { name }), place, offer.dataset.conversation);
  }
}

function again() {
  if (document.querySelector("#offers .offer")) sound("offers");
}

/** A push of a conversation: what a customer said in it, unless the agent is reading it just now. */
function heard({ id, html, inbound, open }) {
  if (inbound <= (newest.get(id) ?? 0)) return;
  newest.set(id, inbound);
  if (open && !away()) return;
  if (Date.now() - rang > QUIET) sound("messages");
  const box = document.createElement("template");
  box.innerHTML = html;
  const said = box.content.querySelectorAll(`.msg.in[data-seq="${inbound}"] p`);
  const words = [...said].map((one) => one.textContent.trim()).join(" ");
  notify(`message:${id}`, names.get(id) ?? text("alert.customer"), words.slice(0, 200) || text("alert.file"), id);
}

function remember() {
  for (const line of document.querySelectorAll(".list .conv[data-conversation]")) {
    names.set(line.dataset.conversation, line.querySelector("b").textContent);
  }
}

// --- the dialog ----------------------------------------------------------------------------------

function draw() {
  const now = chosen();
  for (const name of ["offers", "messages", "notify"]) sheet.querySelector(`[name=${name}]`).checked = now[name];
  sheet.querySelector("[name=volume]").value = now.volume;
  const blocked = !("Notification" in window) || Notification.permission === "denied";
  sheet.querySelector("#alerts-blocked").hidden = !blocked;
  sheet.querySelector("[name=notify]").disabled = blocked;
}

async function choose({ name, type, checked, value }) {
  let wanted = type === "checkbox" ? checked : Number(value);
  if (name === "notify" && wanted) wanted = (await Notification.requestPermission()) === "granted";
  kept.write(STORE, { ...chosen(), [name]: wanted });
  draw();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#do-alerts")) {
    sheet.replaceChildren(document.getElementById("alerts").content.cloneNode(true));
    draw();
    sheet.showModal();
  } else if (event.target.closest?.("#alerts-try")) ring(chosen().volume / 100);
});
document.addEventListener("change", (event) => event.target.closest?.("#alerts-form") && choose(event.target));
document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (target.id === "offers") offers();
  if (target.id === "work") remember();
});
hear("desk-heard", heard);
setInterval(again, AGAIN);
