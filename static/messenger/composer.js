/**
 * Where the customer writes: grows with the text, Enter sends (on a touch keyboard it is a new line), says what
 * is too long before it is sent, and keeps the draft over a reload.
 */
import { byteLength } from "./protocol.js";
import { need } from "./words.js";

const DRAFT_MS = 300;

export class Composer {
  #form;
  #input;
  #send;
  #problem;
  #options;
  #saving = 0;

  /**
   * @param {HTMLFormElement} form with a textarea, .send and .problem
   * @param {{store, textBytes: number, onText: (text) => boolean, onTyping: () => void, onFiles: (files) => void,
   *   hasFiles: () => boolean, explain: (problem, text: () => string) => void}} options
   *   onText takes the text to be sent; false leaves it in the box. onFiles takes pasted ones. explain says in
   *   .problem what is too long.
   */
  constructor(form, options) {
    this.#form = form;
    this.#options = options;
    this.#input = form.querySelector("textarea");
    this.#send = form.querySelector(".send");
    this.#problem = form.querySelector(".problem");
    this.#input.value = options.store.get("draft", "");
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("paste", (event) => this.#paste(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.refresh();
  }

  get text() {
    return this.#input.value;
  }

  get #trimmed() {
    return this.#input.value.trim();
  }

  get #tooLong() {
    return byteLength(this.#trimmed) > this.#options.textBytes;
  }

  /** Show whether there is something to send, and what is wrong with it. */
  refresh() {
    this.#grow();
    const over = this.#tooLong;
    this.#input.setAttribute("aria-invalid", String(over));
    if (over) this.#options.explain(this.#problem, () => this.#trimmed);
    else this.#problem.hidden = true;
    const something = this.#trimmed !== "" || this.#options.hasFiles();
    this.#send.classList.toggle("on", something && !over);
    this.#send.setAttribute("aria-disabled", String(!something || over));
  }

  submit() {
    const text = this.#trimmed;
    if ((!text && !this.#options.hasFiles()) || this.#tooLong) {
      this.#input.focus();
      return;
    }
    if (!this.#options.onText(text)) return;
    this.put("");
    this.#input.focus();
  }

  /** What stands in the box from now on. */
  put(text) {
    this.#input.value = text;
    this.#keep();
    this.refresh();
  }

  /** Put a text back to be edited; what stands there comes after it. */
  restore(text) {
    this.put([text, this.#input.value].filter(Boolean).join("\n"));
    this.#input.focus();
  }

  /** At the caret, in place of what is selected. */
  insert(text) {
    this.#input.setRangeText(text, this.#input.selectionStart, this.#input.selectionEnd, "end");
    this.#typed();
  }

  focus() {
    this.#input.focus({ preventScroll: true });
  }

  #typed() {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#keep(), DRAFT_MS);
    this.refresh();
    if (this.#trimmed) this.#options.onTyping();
  }

  #key(event) {
    const touch = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.clipboardData.getData("text/plain")) return; // a copied table brings a picture too
    event.preventDefault();
    this.#options.onFiles(files);
  }

  #keep() {
    clearTimeout(this.#saving);
    this.#options.store.set("draft", this.#input.value || null);
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }
}

/** The way of files into the messenger: button, drop, paste; the part that uploads loads with the first of them. */
export class Attach {
  files = null; // the part that knows uploads, once it was needed
  waiting = false; // was "send" pressed while a file was still on its way?
  #parts;
  #client;
  #kit;
  #composer = null;

  constructor(root, parts, client, kit) {
    this.#parts = parts;
    this.#client = client;
    this.#kit = kit;
    parts.attach?.addEventListener("click", () => parts.file.click());
    parts.file?.addEventListener("change", () => {
      const chosen = [...parts.file.files];
      parts.file.value = "";
      this.add(chosen);
    });
    if (parts.attach) this.#takeDrops(root);
  }

  /** The composer whose text goes out with the files. */
  join(composer) {
    this.#composer = composer;
  }

  get some() {
    return this.files?.some ?? false;
  }

  async add(files) {
    if (!files.length || !this.#parts.attach) return;
    const part = await this.#part();
    if (!part) return;
    this.files ??= new part.Files(this.#client, this.#parts.tray, this.#kit, () => this.#changed());
    this.files.add(files);
    this.#composer.focus();
  }

  /** Nothing goes out any more. */
  clear() {
    this.#wait(false);
    this.files?.clear();
  }

  /** Null: the line is down, as the banner says. */
  #part() {
    return need("files", this.#kit).catch(() => null);
  }

  /** The uploaded files for a message, or null while one is on its way: then the message goes out with the last. */
  take() {
    this.#wait(this.files?.busy ?? false);
    return this.waiting ? null : (this.files?.take() ?? []);
  }

  #wait(wait) {
    this.waiting = wait;
    this.#parts.composer.classList.toggle("pending", wait);
  }

  #changed() {
    if (this.files.failed) this.#wait(false);
    if (this.waiting && !this.files.busy) this.#composer.submit();
    this.#composer.refresh();
  }

  #takeDrops(root) {
    const takes = (event) => event.dataTransfer?.types.includes("Files") && !this.#parts.composer.hidden;
    const over = (on) => root.classList.toggle("dropping", on);
    root.dataset.drop = this.#kit.t("file.drop");
    root.addEventListener("dragover", (event) => {
      if (!takes(event)) return;
      event.preventDefault();
      over(true);
      this.#part(); // on its way while the files still hang over us
    });
    root.addEventListener("dragleave", (event) => root.contains(event.relatedTarget) || over(false));
    root.addEventListener("drop", (event) => {
      if (!takes(event)) return;
      event.preventDefault();
      over(false);
      this.add([...event.dataTransfer.files]);
    });
  }
}
