/** What arrives calls for attention: one sentence for screen readers, the title, and alerts for who looks elsewhere. */
import { need } from "./words.js";

const ANNOUNCE_MS = 800; // what arrives within this is one announcement

export class Attention {
  #announcer;
  #client;
  #kit;
  #store;
  #heard = []; // arrived and not yet announced
  #title = document.title;

  constructor(announcer, client, kit, store) {
    this.#announcer = announcer;
    this.#client = client;
    this.#kit = kit;
    this.#store = store;
  }

  /** Messages of the other side came; `watched`: somebody looks at the messenger. */
  call(messages, watched) {
    if (!this.#heard.length) setTimeout(() => this.#announce(), ANNOUNCE_MS);
    this.#heard.push(...messages);
    if (!watched) this.#alert(messages.at(-1));
  }

  /** The page's title counts what is unread; in a frame the title is the host page's business. */
  count(unread) {
    if (!this.#kit.config.embedded) document.title = unread ? `(${unread}) ${this.#title}` : this.#title;
  }

  #announce() {
    const [{ author, text }] = this.#heard;
    const { t } = this.#kit;
    const name = author.name || t("author.them");
    const several = t("thread.saidMany", { count: this.#heard.length });
    this.#announcer.textContent = this.#heard.length > 1 ? several : t("thread.said", { name, text: text || t("file.file") });
    this.#heard = [];
  }

  async #alert(message) {
    const part = await need("alerts", this.#kit).catch(() => null); // the line is down again: the count stays
    part?.alert(message, { kit: this.#kit, store: this.#store, unread: () => this.#client.unread });
  }
}
