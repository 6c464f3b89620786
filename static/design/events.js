// @ts-check
/**
 * The events by which scripts of a page, and answers of the server (`HX-Trigger`), tell each other what happened: all
 * names and shapes, in one place. They go through the document; a script tells and hears them only with these two.
 */

/**
 * What each event carries.
 * @typedef {{
 *   "composer-changed": undefined,
 *   "desk-changed": unknown,
 *   "desk-connected": undefined,
 *   "desk-customer": unknown,
 *   "desk-done": unknown,
 *   "desk-heard": Heard,
 *   "desk-here": Here,
 *   "desk-open": { id: string },
 *   "desk-panel": unknown,
 *   "desk-setting": { name: string, value: unknown },
 *   "desk-thread": undefined,
 *   "desk-wrapped": unknown,
 *   "look-again": unknown,
 *   "mentions": { id: number, conversation: string, by: string },
 *   "refused": { message: string, code: string },
 *   "sheet-done": unknown,
 *   "toast": { message: string, kind?: string },
 * }} Events
 *
 * composer-changed: files or rich content of the next reply · desk-changed: an own act changed panels and the seat ·
 * desk-connected: the socket is there, again or for the first time · desk-customer: the customer's facts changed ·
 * desk-done: the dialog's work is done · desk-heard: rows of a conversation came · desk-here: a colleague is at it ·
 * desk-open: open this conversation · desk-panel: only the customer's panel changed · desk-setting: a choice was made ·
 * desk-thread: another thread is in the page · desk-wrapped: the wrap-up is done · look-again, sheet-done: the same at
 * the supervisors' · mentions: the newest that isn't seen · refused: why an act failed · toast: a word in the corner
 */

/**
 * @typedef {{ id: string, html: string, inbound: number, open: boolean }} Heard
 *   `inbound`: number of the newest message of the customer among the rows, 0 without one
 * @typedef {{ id: string, here: { id: string, name: string, doing: "look" | "note" | "reply" } }} Here
 */

/**
 * @template {keyof Events} Name
 * @param {Name} name
 * @param {Events[Name]} [detail]
 */
export function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/**
 * @template {keyof Events} Name
 * @param {Name} name
 * @param {(detail: Events[Name], event: Event) => unknown} listener
 */
export function hear(name, listener) {
  document.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail, event));
}
