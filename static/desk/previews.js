/** Previews of links: off until somebody switches them on, and fetched only when asked for, by the server. */
import { h } from "../design/dom.js";
import { hear } from "../design/events.js";
import { post, text } from "./net.js";
import { setting } from "./settings.js";

const log = () => document.getElementById("log");
const watcher = new MutationObserver(() => offer());

/** A button under each message whose text has a link, once. */
function offer() {
  for (const row of setting("previews") ? log()?.querySelectorAll(".msg[id]:not(.removed)") ?? [] : []) {
    if (row.querySelector(".preview-of")) continue;
    const links = [...row.querySelectorAll("p > a[href^='https://'], .md a[href^='https://']")].filter((link) => !link.closest(".card, .ask"));
    if (links.length) row.querySelector(".meta").before(h("div", { class: "preview-of" }, [...new Set(links.map((link) => link.getAttribute("href")))].slice(0, 3).map(button)));
  }
}

const button = (url) => h("button", { type: "button", class: "link", "data-preview": url }, text("preview", { host: new URL(url).hostname }));

async function fetchOne(opener) {
  const { preview: url } = opener.dataset;
  const id = opener.closest(".msg").id.replace("message-", "");
  opener.disabled = true;
  const place = opener.parentElement;
  try {
    const html = await (await post(`${document.body.dataset.desk}messages/${id}/preview/`, { url })).text();
    opener.outerHTML = html;
    place.querySelector("a")?.focus();
  } catch (error) {
    opener.replaceWith(h("small", { role: "status" }, error.status ? error.message : text("offline")));
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-preview]");
  if (opener) void fetchOne(opener);
});
hear("desk-thread", () => {
  watcher.disconnect();
  if (log()) watcher.observe(log(), { childList: true, subtree: true });
  offer();
});
hear("desk-setting", ({ name, value }) => {
  if (name !== "previews") return;
  if (value) offer();
  else for (const node of document.querySelectorAll(".preview-of")) node.remove();
});
