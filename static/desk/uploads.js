/**
 * Files for the next reply of each conversation: uploaded when chosen, dropped or pasted, sent by their ids. Another
 * thread may be opened meanwhile: a file stays with the conversation for which it was chosen.
 */
import { Refused, text, upload as send } from "./net.js";

/** @type {Record<string, (...about: any[]) => unknown>} */
let hooks = { failed() {}, changed() {} };
const chosen = new Map(); // conversation → [{id, name, size, node, share}]; id is empty while it is being uploaded

const list = () => document.getElementById("composer-files");
const input = () => document.getElementById("composer-file");
const current = () => document.getElementById("composer")?.dataset.conversation;
const of = (conversation) => chosen.get(conversation) ?? [];

/** `failed(sentence)`: why a file wasn't taken. `changed(conversation)`: its files are others now. */
export function listenFiles(callbacks) {
  hooks = { ...hooks, ...callbacks };
}

/** Those of a conversation that are uploaded, as {id, name, size}. */
export function uploaded(conversation) {
  return of(conversation).filter((file) => file.id).map(({ id, name, size }) => ({ id, name, size }));
}

/** Whether one of its files is still on its way. */
export const uploading = (conversation) => of(conversation).some((file) => !file.id);

/** They are on their way with a message. */
export function clearFiles(conversation) {
  chosen.delete(conversation);
  if (conversation === current()) list()?.replaceChildren();
}

/** Files that were uploaded before: of a draft, or of a message that came back. */
export function putFiles(conversation, files) {
  const known = new Set(of(conversation).map((file) => file.id));
  chosen.set(conversation, [...of(conversation), ...files.filter((file) => !known.has(file.id)).map((file) => ({ ...file }))]);
  drawFiles();
}

/** Show the open conversation's files. */
export function drawFiles() {
  list()?.replaceChildren(...of(current()).map(draw));
}

function draw(file) {
  const node = document.getElementById("upload").content.firstElementChild.cloneNode(true);
  node.querySelector("b").textContent = file.name;
  node.querySelector("button").setAttribute("aria-label", text("removeFile", { name: file.name }));
  node.querySelector("button").addEventListener("click", () => remove(file));
  file.node = node;
  progress(file);
  return node;
}

function progress(file) {
  const note = file.node.querySelector("small");
  const share = Math.round((file.share ?? 0) * 100);
  note.textContent = file.id ? sizeText(file.size) : text("uploading", { share });
  file.node.classList.toggle("busy", !file.id);
  file.node.style.setProperty("--share", `${share}%`);
}

function remove(file) {
  for (const [conversation, files] of chosen) {
    if (!files.includes(file)) continue;
    chosen.set(conversation, files.filter((one) => one !== file));
    hooks.changed(conversation);
  }
  file.node.remove();
  document.getElementById("composer-text")?.focus();
}

async function upload(blob, conversation) {
  const file = { id: "", name: blob.name, size: blob.size, share: 0 };
  chosen.set(conversation, [...of(conversation), file]);
  drawFiles();
  const body = new FormData();
  body.set("file", blob);
  try {
    const answer = await send(input().dataset.uploadUrl, body, (share) => {
      file.share = share;
      progress(file);
    });
    Object.assign(file, { id: answer.id, name: answer.name, size: answer.size });
    progress(file);
  } catch (error) {
    chosen.set(conversation, of(conversation).filter((one) => one !== file));
    drawFiles();
    hooks.failed(`${blob.name}: ${error instanceof Refused ? error.message : text("offline")}`, conversation);
  }
  hooks.changed(conversation);
}

function sizeText(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const [unit, of] = bytes < 1000 ? ["byte", 1] : bytes < 1_000_000 ? ["kilobyte", 1000] : ["megabyte", 1_000_000];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: String(unit), unitDisplay: "short", maximumFractionDigits: 1,
  }).format(bytes / Number(of));
}

/** A note takes no files: what is dropped or pasted then is for nobody. */
function take(found) {
  if (!input() || document.getElementById("composer").dataset.mode !== "reply") return false;
  for (const blob of found) void upload(blob, current());
  return found.length > 0;
}

document.addEventListener("change", (event) => {
  if (event.target !== input()) return;
  take([...input().files]);
  input().value = "";
});
document.addEventListener("paste", (event) => {
  if (event.target.id === "composer-text" && take([...event.clipboardData.files])) event.preventDefault();
});
document.addEventListener("dragover", (event) => {
  if (!event.target.closest?.("#thread") || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  document.getElementById("composer")?.classList.add("dropping");
});
for (const name of ["dragleave", "drop", "dragend"]) {
  document.addEventListener(name, (event) => {
    const inside = name === "dragleave" && /** @type {any} */ (event).relatedTarget?.closest?.("#thread");
    if (!inside) document.getElementById("composer")?.classList.remove("dropping");
  });
}
document.addEventListener("drop", (event) => {
  if (!event.target.closest?.("#thread") || !event.dataTransfer.files.length) return;
  event.preventDefault();
  take([...event.dataTransfer.files]);
});
