/** What a person chose about writing and reading, kept in this browser. */
import { kept, me } from "./net.js";

const STORE = `writing:${me}`;
/** undo: seconds that a reply is held before it leaves. previews: links offer to show what is behind them. */
const DEFAULTS = { undo: 0, previews: false };

export const setting = (name) => kept.read(STORE, {})[name] ?? DEFAULTS[name];

/** Keep a choice. */
export function choose(name, value) {
  kept.write(STORE, { ...kept.read(STORE, {}), [name]: value });
  document.dispatchEvent(new CustomEvent("desk-setting", { detail: { name, value } }));
}
