/** The way of files into the messenger: button, drop, paste; the part that uploads loads with the first of them. */
import { need } from "./dom.js";

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
    const { Files } = await need("files");
    this.files ??= new Files(this.#client, this.#parts.tray, this.#kit, () => this.#changed());
    this.files.add(files);
    this.#composer.focus();
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
