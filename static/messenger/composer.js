/**
 * Where the customer writes: grows with the text, Enter sends (on a touch keyboard it is a new line), says what
 * is too long before it is sent, and keeps the draft over a reload.
 */
import { h, icon } from "./dom.js";
import { byteLength } from "./protocol.js";

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
   * @param {{store, t, textBytes: number, onText: (text) => boolean, onTyping: () => void, onFiles: (files) => void,
   *   hasFiles: () => boolean}} options
   *   onText takes the text to be sent; false leaves it in the box. onFiles takes pasted ones.
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

  /** Show whether there is something to send, and what is wrong with it. */
  refresh() {
    this.#grow();
    const over = this.#charactersOver();
    this.#complain(over);
    const something = this.#input.value.trim() !== "" || this.#options.hasFiles();
    this.#send.classList.toggle("on", something && !over);
    this.#send.setAttribute("aria-disabled", String(!something || over > 0));
  }

  submit() {
    const text = this.#input.value.trim();
    if ((!text && !this.#options.hasFiles()) || this.#charactersOver()) {
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
    if (this.#input.value.trim()) this.#options.onTyping();
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

  /** How many characters must go for the text to fit; the limit itself is in bytes. */
  #charactersOver() {
    let over = byteLength(this.#input.value.trim()) - this.#options.textBytes;
    if (over <= 0) return 0;
    const letters = [...this.#input.value.trim()];
    let count = 0;
    while (over > 0) {
      over -= byteLength(letters.pop());
      count += 1;
    }
    return count;
  }

  #complain(over) {
    this.#problem.hidden = !over;
    this.#input.setAttribute("aria-invalid", String(over > 0));
    if (over) this.#problem.replaceChildren(icon("alert"), h("span", {}, this.#options.t("composer.tooLong", { count: over })));
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }
}
