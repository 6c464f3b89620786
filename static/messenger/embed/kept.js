/** A Storage of our own: its entries are its properties, as with the browser's. `changed` hears of each write. */
export class Kept {
  #changed;

  /**
   * @param {Record<string, string>} [entries]
   * @param {(name: string, value: string | null) => void} [changed]
   */
  constructor(entries = {}, changed = () => {}) {
    Object.assign(this, entries);
    this.#changed = changed;
  }

  getItem(name) {
    return Object.hasOwn(this, name) ? this[name] : null;
  }

  setItem(name, value) {
    this[name] = String(value);
    this.#changed(name, this[name]);
  }

  removeItem(name) {
    delete this[name];
    this.#changed(name, null);
  }

  /** What another window wrote; told as browsers tell it. */
  take(name, value) {
    if (value === null) delete this[name];
    else this[name] = value;
    dispatchEvent(new StorageEvent("storage", { key: name, newValue: value }));
  }
}
