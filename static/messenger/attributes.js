/** Custom attributes that wait for the customer's next message: from the host page, the address, the campaign. */
import { byteLength, withAttributes } from "./protocol.js";

const MOST_BYTES = 2048; // keys and values together, as the server counts them

export class Attributes {
  #store;

  /** @param {Object<string, string>} campaign goes out with the first message of this browser's session */
  constructor(store, campaign = {}) {
    this.#store = store;
    if (Object.keys(campaign).length) this.set(campaign);
  }

  /** Add to what waits; a null value takes a key out. @returns {boolean} false: too much, nothing was added */
  set(values) {
    const merged = { ...this.#store.get("attributes", {}) };
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === undefined) delete merged[key];
      else merged[key] = String(value);
    }
    if (byteLength(JSON.stringify(merged)) > MOST_BYTES) return false;
    this.#store.set("attributes", Object.keys(merged).length ? merged : null);
    return true;
  }

  /** The message with all that waited, which then waits no longer: the server keeps it with the conversation. */
  onto(message) {
    const waiting = this.#store.get("attributes", {});
    this.#store.set("attributes", null);
    return withAttributes(message, waiting);
  }
}
