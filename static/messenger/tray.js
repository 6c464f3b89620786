/** The files above the composer: progress while they upload, and the reason beside one that failed. */
import { fileSize, h, icon } from "./dom.js";

/** Draw the uploads into the tray. */
export function drawTray(tray, uploads, { t, locale }) {
  tray.replaceChildren(...uploads.items.map((item) => trayItem(item, uploads, t, locale)));
  tray.hidden = uploads.items.length === 0;
}

function trayItem(item, uploads, t, locale) {
  const remove = h("button", {
    class: "btn ghost icon-only", type: "button", "aria-label": t("removeFile", { name: item.name }),
    onclick: () => uploads.remove(item.id),
  }, icon("x"));
  const about = h("div", {}, h("b", {}, h("bdi", {}, item.name)), " ", h("small", { class: "num" }, fileSize(item.size, locale)), line(item, t, locale));
  return h("li", { class: `attach ${item.state}` }, icon(item.state === "ready" ? "check" : "file", ""), about, remove);
}

function line(item, t, locale) {
  if (item.state === "failed") {
    const limit = item.problem.limit ? fileSize(item.problem.limit, locale) : "";
    return h("p", { role: "alert" }, icon("alert"), h("span", {}, t(item.problem.key, { limit })));
  }
  if (item.state === "ready") return h("small", {}, t("fileReady"));
  return h("progress", { max: "1", value: String(item.progress), "aria-label": t("fileUploading", { name: item.name }) });
}
