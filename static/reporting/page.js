/**
 * The supervisors' pages: panels that are fetched again when something changed, dialogs, filters.
 *
 * A push only says that there is something to fetch, so what is shown then is what a fresh load shows. A page also
 * asks by itself: half hours move on without events.
 */
import { hear } from "../design/events.js";
import { announce, get, text, toast } from "../desk/net.js";
import { connect, send } from "../desk/socket.js";
import { patch } from "../design/morph.js";
import * as transcript from "./transcript.js";

const EVERY = 15_000; // ms
const SOON = 1_000; // ms: messages change the facts too, and come in bursts
const panels = document.querySelector("[data-panels]");
const sheet = document.getElementById("sheet");
let paused = false;
let fetching = false;
let due = false;
let soon = 0;

// --- live --------------------------------------------------------------------------------------

const here = () => location.href.split("#")[0];

/** Fetch the panels again, one question at a time; what comes meanwhile is one more. */
async function refresh() {
  due = true;
  if (fetching || paused) return;
  fetching = true;
  try {
    while (due && !paused) {
      due = false;
      const address = here();
      const html = await (await get(address)).text();
      if (address === here()) show(html);
      else due = true; // other filters were chosen since
    }
  } catch (error) {
    if ([403, 404].includes(error.status)) location.reload();
  } finally {
    fetching = false;
  }
}

function show(html) {
  patch(panels, html);
  htmx.process(panels);
  panels.dataset.shown = String(Number(panels.dataset.shown ?? 0) + 1);
}

function onFrame(frame) {
  if (frame.refresh) refresh();
  else if (frame.stream?.startsWith("conversation:")) {
    transcript.onFrame(frame);
    if (!frame.typing && !soon) soon = setTimeout(later, SOON);
  }
}

function later() {
  soon = 0;
  refresh();
}

function onOpen(again) {
  if (panels.dataset.join === "activity") send({ join: "activity" });
  else send({ join: "interaction", id: panels.dataset.conversation, seq: transcript.shown() });
  if (again) transcript.catchUp(); // the panels are asked for anew after each join
}

function onState(connected) {
  document.getElementById("banner").hidden = connected;
  document.body.dataset.connected = String(connected);
}

function pause(button) {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
  document.body.dataset.paused = String(paused);
  announce(text(paused ? "paused" : "resumed"));
  if (!paused) refresh();
}

if (panels) {
  if (panels.dataset.join === "interaction") transcript.start();
  connect({ frame: onFrame, open: onOpen, state: onState });
  setInterval(() => document.visibilityState === "visible" && refresh(), EVERY);
}

// --- dialogs, filters --------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const to = (selector) => event.target.closest?.(selector);
  if (to("[data-sheet-close]")) sheet.close();
  else if (to("#pause")) pause(to("#pause"));
  else if (to("#filters-toggle")) {
    const open = document.getElementById("filters").classList.toggle("open");
    to("#filters-toggle").setAttribute("aria-expanded", String(open));
  }
});
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = event.detail;
  if (elt.id !== "filters") return;
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === sheet && !sheet.open) sheet.showModal();
});
hear("sheet-done", () => sheet.close());
hear("look-again", () => panels && refresh());
hear("toast", ({ message, kind }) => toast(message, kind));
hear("refused", ({ message }, event) => {
  const place = event.target.closest?.("form[data-refusal]")?.querySelector(".refusal");
  if (!place) return toast(message, "warn");
  place.textContent = message;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
  return undefined;
});
document.addEventListener("htmx:sendError", () => toast(text("offline"), "bad"));
document.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(text("error"), "bad");
});
