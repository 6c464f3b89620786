/** The customer's panel beside the thread. Its place is kept while it loads, so nothing else on the page moves. */
import { hear } from "../design/events.js";
import { get } from "./net.js";
import * as thread from "./thread.js";

const panel = document.getElementById("panel");
let asked = 0;

/** Another thread was opened, or none is: the panel of the one before is gone at once. */
export function show() {
  if (!thread.log()) return panel.replaceChildren();
  put("panel-loading");
  return refresh();
}

/** Fetch it again. What is there stays until then, or if that fails; only what never came is said to be missing. */
export async function refresh() {
  const current = thread.log();
  if (!current) return;
  const question = ++asked; // an older answer never replaces a newer one
  const isStale = () => current !== thread.log() || question !== asked;
  try {
    const html = await (await get(current.dataset.panelUrl)).text();
    if (isStale()) return;
    panel.innerHTML = html;
    htmx.process(panel);
  } catch {
    if (!isStale() && panel.querySelector("[aria-busy]")) put("panel-failed"); // the thread works without it
  }
}

function put(template) {
  panel.replaceChildren(document.getElementById(template).content.cloneNode(true));
}

hear("desk-panel", refresh);
document.addEventListener("click", (event) => event.target.closest?.("[data-panel-again]") && show());
