// @ts-check
/** What a person chose about writing and reading, kept in this browser. */
import { tell } from "../design/events.js";
import { kept, me } from "./net.js";

const STORE = `writing:${me}`;
/** @typedef {{undo: number, previews: boolean}} Settings */
/** undo: seconds that a reply is held before it leaves. previews: links offer to show what is behind them. */
const DEFAULTS = { undo: 0, previews: false };

/** @type {<Name extends keyof Settings>(name: Name) => Settings[Name]} */
export const setting = (name) => kept.read(STORE, {})[name] ?? DEFAULTS[name];

/**
 * Keep a choice.
 * @param {keyof Settings} name
 * @param {unknown} value
 */
export function choose(name, value) {
  kept.write(STORE, { ...kept.read(STORE, {}), [name]: value });
  tell("desk-setting", { name, value });
}
