/**
 * Files on their way: asked for (onAttachment), put to the address the server gives, ready when it says so. They
 * go out with the next message. What can be refused here is refused here, with the limit and the reason.
 *
 * Item: {id, name, size, type, file, state: "asking"|"sending"|"ready"|"failed", progress 0–1, url, problem}
 */
import { frames } from "./protocol.js";
import { uuid } from "./store.js";

const KIB = 1024;
const CONFIRM_MS = 30_000; // from the last byte to the server's word
const FINAL = new Set(["ready", "failed"]);

export class Uploads extends EventTarget {
  items = [];
  #client;
  #maxKB;

  constructor(client, maxFileSizeKB) {
    super();
    this.#client = client;
    this.#maxKB = maxFileSizeKB;
    client.addEventListener("attachment", (event) => this.#answer(event.detail));
  }

  get busy() {
    return this.items.some((item) => !FINAL.has(item.state));
  }

  /** Start with the files that pass; the others stay with their problem. */
  add(files) {
    for (const file of files) {
      const problem = this.#problemOf(file);
      const item = { id: uuid(), name: file.name, size: file.size, type: file.type, file, progress: 0, url: null };
      this.items.push({ ...item, state: problem ? "failed" : "asking", problem });
      if (!problem) this.#client.send(frames.attach(item.id, file));
    }
    this.#changed();
  }

  remove(id) {
    const item = this.items.find((one) => one.id === id);
    item?.request?.abort();
    if (item && item.state !== "failed") this.#client.send(frames.detach(id));
    this.items = this.items.filter((one) => one.id !== id);
    this.#changed();
  }

  /** The ready files, for a message; they leave the tray. Failed ones stay. */
  take() {
    const ready = this.items.filter((item) => item.state === "ready");
    this.items = this.items.filter((item) => item.state !== "ready");
    this.#changed();
    return ready.map(({ id, name, size, type, url }) => ({ id, name, size, type, url }));
  }

  /** After a lost line: ask again for what has no address or no word yet. */
  resume() {
    for (const item of this.items) {
      if (FINAL.has(item.state) || item.request) continue;
      item.state = "asking";
      this.#client.send(frames.attach(item.id, item.file));
    }
  }

  #problemOf(file) {
    const { allowedMedia, blockedExtensions = [] } = this.#client.media ?? {};
    const limit = allowedMedia?.inbound?.maxFileSizeKB ?? this.#maxKB;
    const extension = file.name.includes(".") ? `.${file.name.split(".").pop().toLowerCase()}` : "";
    if (!file.size) return { key: "fileEmpty" };
    if (limit && file.size > limit * KIB) return { key: "fileTooBig", limit: limit * KIB };
    if (!extension || blockedExtensions.includes(extension)) return { key: "fileKind" };
    return this.#typeAllowed(file.type, allowedMedia?.inbound?.fileTypes) ? null : { key: "fileKind" };
  }

  #typeAllowed(type, allowed) {
    if (!allowed?.length || !type) return true; // the server looks at the bytes anyway
    return allowed.some(({ type: one }) => one === type || one === "*/*" || (one.endsWith("/*") && type.startsWith(one.slice(0, -1))));
  }

  #answer({ class: kind, body }) {
    const item = this.items.find((one) => one.id === body?.attachmentId);
    if (!item) return;
    if (kind === "PresignedUrlResponse") this.#put(item, body);
    else if (kind === "UploadSuccessEvent") this.#set(item, { state: "ready", progress: 1, url: body.downloadUrl ?? null });
    else if (kind !== "AttachmentDeletedResponse") this.#fail(item, body.errorCode);
  }

  /** XMLHttpRequest, because fetch can't tell how much of the body has gone. */
  #put(item, { url, headers = {} }) {
    if (item.state !== "asking") return;
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => this.#set(item, { progress: event.loaded / event.total });
    request.onload = () => this.#stored(item, request.status);
    request.onerror = () => this.#fail(item, 0);
    this.#set(item, { state: "sending", request });
    request.send(item.file);
  }

  #stored(item, status) {
    if (status >= 300) this.#fail(item, status);
    else if (!FINAL.has(item.state)) this.#set(item, { request: null });
    setTimeout(() => FINAL.has(item.state) || this.#fail(item, 0), CONFIRM_MS);
  }

  #fail(item, code) {
    const keys = { 4001: "fileKind", 4002: "fileTooBig", 4003: "fileKind", 4004: "fileName", 4005: "fileName", 4102: "fileEmpty" };
    this.#set(item, { state: "failed", request: null, problem: { key: keys[code] ?? "fileFailed", limit: this.#maxKB * KIB } });
  }

  #set(item, values) {
    Object.assign(item, values);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
