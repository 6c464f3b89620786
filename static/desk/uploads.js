/** Files for the next reply: uploaded when chosen, dropped or pasted; sent by their ids. */
import { post, Refused, text } from "./net.js";

let failed = () => {};
let files = []; // {id, name, node} ; id is empty while it is being uploaded

const list = () => document.getElementById("composer-files");
const input = () => document.getElementById("composer-file");

/** `callback(sentence)` is told why a file wasn't taken. */
export function onFailure(callback) {
  failed = callback;
}

/** Files to send as {id, name}, or null while one is still on its way. */
export function readyFiles() {
  if (files.some((file) => !file.id)) return null;
  return files.map(({ id, name }) => ({ id, name }));
}

/** They are on their way with a message. */
export function clearFiles() {
  files = [];
  list()?.replaceChildren();
}

/** The message wasn't taken: its files are to be sent still. */
export function takeBack(sent) {
  for (const file of sent) show({ ...file });
}

function show(file) {
  const node = document.getElementById("upload").content.firstElementChild.cloneNode(true);
  node.querySelector("b").textContent = file.name;
  node.querySelector("button").addEventListener("click", () => remove(file));
  file.node = node;
  files.push(file);
  list().append(node);
  return file;
}

function remove(file) {
  files = files.filter((one) => one !== file);
  file.node.remove();
}

async function upload(blob) {
  const file = show({ id: "", name: blob.name });
  const note = file.node.querySelector("small");
  note.textContent = text("uploading");
  const body = new FormData();
  body.set("file", blob);
  try {
    const answer = await (await post(input().dataset.uploadUrl, body)).json();
    Object.assign(file, { id: answer.id, name: answer.name });
    note.textContent = size(answer.size);
  } catch (error) {
    remove(file);
    const why = error instanceof Refused ? error.message : text("offline");
    failed(`${blob.name}: ${why}`);
  }
}

function size(bytes) {
  const unit = bytes < 1_000_000 ? ["kilobyte", 1000] : ["megabyte", 1_000_000];
  const format = { style: "unit", unit: unit[0], unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, format).format(bytes / unit[1]);
}

function take(found) {
  if (!input()) return false;
  for (const blob of found) void upload(blob);
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
  if (event.target.closest?.("#thread") && event.dataTransfer.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (!event.target.closest?.("#thread") || !event.dataTransfer.files.length) return;
  event.preventDefault();
  take([...event.dataTransfer.files]);
});
