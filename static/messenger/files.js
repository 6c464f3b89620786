/**
 * Files on their way: asked for (onAttachment), put to the address the server gives, ready when it says so. They
 * go out with the next message. What can be refused here is refused here, with the limit and the reason.
 *
 * Item: {id, name, size, type, file, state: "asking"|"sending"|"ready"|"failed", progress 0–1, url, problem}
 */
import { button, h, icon } from "./dom.js";
import { uuid } from "./store.js";

const KIB = 1024;
const ASK_MS = 1_500; // from the last byte until the server is asked, if its word hasn't come: a push may be lost
const MOST_ASKED = 12;
const TAKEN = 409; // these bytes are there already: a try whose answer was lost had arrived
const MOST_TRIES = 3;
const RETRY_MS = 700;
const FINAL = new Set(["ready", "failed"]);
const FINAL_PROBLEMS = new Set(["empty", "tooBig", "kind", "name"]); // another try would end the same way
const PROBLEMS = { 4001: "kind", 4002: "tooBig", 4003: "kind", 4004: "name", 4005: "name", 4102: "empty" };

const frames = {
  attach: (attachmentId, file) => ({
    action: "onAttachment",
    attachmentId,
    fileName: file.name,
    fileType: file.type || "application/octet-stream",
    fileSize: file.size,
    errorsAsJson: true,
  }),
  fetch: (attachmentId) => ({ action: "getAttachment", attachmentId }),
  detach: (attachmentId) => ({ action: "deleteAttachment", attachmentId }),
};

export class Files {
  #items = [];
  #client;
  #tray;
  #kit;
  #changed;

  /** @param {() => void} changed called after every change */
  constructor(client, tray, kit, changed) {
    this.#client = client;
    this.#tray = tray;
    tray.setAttribute("aria-label", kit.t("file.tray"));
    this.#kit = kit;
    this.#changed = changed;
    client.addEventListener("attachment", (event) => this.#answer(event.detail));
    client.socket.addEventListener("link", () => client.socket.state === "ready" && this.#resume());
  }

  get busy() {
    return this.#items.some((item) => !FINAL.has(item.state));
  }

  get some() {
    return this.#items.some((item) => item.state !== "failed");
  }

  get failed() {
    return this.#items.some((item) => item.state === "failed");
  }

  /** Start with the files that pass; the others stay with their problem. */
  add(files) {
    for (const file of files) {
      const problem = this.#problemOf(file);
      const item = { id: uuid(), name: file.name, size: file.size, type: file.type, file, progress: 0, url: null };
      this.#items.push({ ...item, state: problem ? "failed" : "asking", problem });
      if (!problem) this.#client.send(frames.attach(item.id, file));
    }
    this.#draw();
  }

  /** The ready files, for a message; they leave the tray. Failed ones stay. */
  take() {
    const ready = this.#items.filter((item) => item.state === "ready");
    this.#items = this.#items.filter((item) => item.state !== "ready");
    this.#draw();
    return ready.map(({ id, name, size, type, url }) => ({ id, name, size, type, url }));
  }

  /** All of them away, also from the server's side where it can be told. */
  clear() {
    for (const item of [...this.#items]) this.#remove(item);
  }

  #remove(item) {
    item.request?.abort();
    if (item.state !== "failed") this.#client.send(frames.detach(item.id));
    this.#items = this.#items.filter((one) => one !== item);
    this.#draw();
  }

  /** Again from the start, under a new id: the server may remember the old one as failed. */
  #retry(item) {
    Object.assign(item, { id: uuid(), state: "asking", progress: 0, problem: null, stored: false });
    this.#client.send(frames.attach(item.id, item.file));
    this.#draw();
  }

  /** After a lost line: ask again for what has no address or no word yet. */
  #resume() {
    for (const item of this.#items) {
      if (FINAL.has(item.state) || item.request || item.stored) continue;
      item.state = "asking";
      this.#client.send(frames.attach(item.id, item.file));
    }
  }

  #problemOf(file) {
    const { allowedMedia, blockedExtensions = [] } = this.#client.media ?? {};
    const extension = file.name.includes(".") ? `.${file.name.split(".").pop().toLowerCase()}` : "";
    if (!file.size) return "empty";
    if (file.size > this.#limit) return "tooBig";
    if (!extension || blockedExtensions.includes(extension)) return "kind";
    return typeAllowed(file.type, allowedMedia?.inbound?.fileTypes) ? null : "kind";
  }

  get #limit() {
    return KIB * (this.#client.media?.allowedMedia?.inbound?.maxFileSizeKB ?? this.#kit.config.limits.maxFileSizeKB);
  }

  #answer({ class: kind, body }) {
    const item = this.#items.find((one) => one.id === body?.attachmentId);
    if (!item) return;
    if (kind === "PresignedUrlResponse" && item.stored) this.#ready(item, body.url);
    else if (kind === "PresignedUrlResponse") this.#put(item, body);
    else if (kind === "UploadSuccessEvent") this.#ready(item, body.downloadUrl);
    else if (kind === "UploadFailureEvent" || !item.request) this.#refused(item, kind, body.errorCode);
  }

  #ready(item, url) {
    this.#set(item, { state: "ready", progress: 1, url: url ?? null, request: null });
  }

  /** What is stored stays so, and an address that was asked for twice is no refusal of what is on its way. */
  #refused(item, kind, code) {
    if (kind !== "AttachmentDeletedResponse" && !FINAL.has(item.state) && !item.stored) this.#fail(item, code);
  }

  /** XMLHttpRequest, because fetch can't tell how much of the body has gone. A line that broke is tried again. */
  #put(item, given, tries = 0) {
    if (item.state !== "asking") return;
    const request = new XMLHttpRequest();
    request.open("PUT", given.url);
    for (const [name, value] of Object.entries(given.headers ?? {})) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => this.#progress(item, event.loaded / event.total);
    request.onload = () => this.#stored(item, request.status);
    request.onerror = () => this.#broken(item, given, tries + 1);
    this.#set(item, { state: "sending", request });
    request.send(item.file);
  }

  #broken(item, given, tries) {
    if (FINAL.has(item.state)) return; // the server's word came by the socket
    if (tries >= MOST_TRIES) {
      this.#fail(item, 0);
      return;
    }
    this.#set(item, { state: "asking", request: null });
    setTimeout(() => this.#put(item, given, tries), tries * RETRY_MS);
  }

  #stored(item, status) {
    if (FINAL.has(item.state)) return; // the server's word came first
    if (status >= 300 && status !== TAKEN) this.#fail(item, status);
    else {
      this.#set(item, { request: null, stored: true });
      this.#ask(item, 1);
    }
  }

  /** Its word comes by the socket; should it be lost, we ask. */
  #ask(item, times) {
    setTimeout(() => {
      if (FINAL.has(item.state) || !this.#items.includes(item)) return;
      if (times > MOST_ASKED) this.#fail(item, 0);
      else {
        this.#client.send(frames.fetch(item.id));
        this.#ask(item, times + 1);
      }
    }, ASK_MS);
  }

  #fail(item, code) {
    this.#set(item, { state: "failed", request: null, problem: PROBLEMS[code] ?? "failed" });
  }

  #set(item, values) {
    Object.assign(item, values);
    this.#draw();
  }

  /** Only the bar moves: the list isn't drawn anew, and the focus stays. */
  #progress(item, progress) {
    item.progress = progress;
    const bar = this.#tray.querySelector(`[data-id="${item.id}"] progress`);
    if (bar) bar.value = progress;
  }

  #draw() {
    const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
    this.#tray.replaceChildren(...this.#items.map((item) => this.#row(item)));
    this.#tray.hidden = this.#items.length === 0;
    this.#tray.querySelector(`[data-id="${focused}"] button:last-child`)?.focus();
    this.#changed();
  }

  #row(item) {
    const { t, size } = this.#kit;
    const again = item.state === "failed" && !FINAL_PROBLEMS.has(item.problem)
      && button("btn ghost icon-only", () => this.#retry(item), { "aria-label": t("file.retry", { name: item.name }) }, icon("retry"));
    const label = t(FINAL.has(item.state) ? "file.remove" : "file.cancel", { name: item.name });
    const remove = button("btn ghost icon-only", () => this.#remove(item), { "aria-label": label }, icon("x"));
    const about = h("div", {}, h("b", {}, h("bdi", {}, item.name)), " ", h("small", { class: "num" }, size(item.size)), this.#line(item));
    return h("li", { class: `attach ${item.state}`, "data-id": item.id }, icon(item.state === "ready" ? "check" : "file", ""), about, again, remove);
  }

  #line(item) {
    const { t, size } = this.#kit;
    if (item.state === "failed") {
      return h("p", { role: "alert" }, icon("alert"), h("span", {}, t(`file.problem.${item.problem}`, { limit: size(this.#limit) })));
    }
    if (item.state === "ready") return h("small", {}, t("file.ready"));
    return h("progress", { max: "1", value: String(item.progress), "aria-label": t("file.uploading", { name: item.name }) });
  }
}

function typeAllowed(type, allowed) {
  if (!allowed?.length || !type) return true; // the server looks at the bytes anyway
  return allowed.some(({ type: one }) => one === type || one === "*/*" || (one.endsWith("/*") && type.startsWith(one.slice(0, -1))));
}
