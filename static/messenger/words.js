// @ts-check
/** Words for a reader: times, days and sizes in their language and time zone, a message's text as nodes; parts loaded later. */
import { h } from "./dom.js";

const DAY = 86_400_000;
const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);

/**
 * "rtl" or "ltr" for a language tag.
 * @param {string} language
 */
export function directionOf(language) {
  return RIGHT_TO_LEFT.has(language.split("-")[0]) ? "rtl" : "ltr";
}

/**
 * Formats for one language.
 * @typedef {(value: number) => string} Format of ms since 1970, seconds or bytes
 * @param {string} language
 * @returns {{locale: string, clock: Format, day: Format, when: Format, duration: Format, size: Format}}
 *   clock 14:07 · day Today, Yesterday, Thursday 12 November · when 14:07 or Monday 9:00 · duration 3 minutes
 */
export function formats(language) {
  const locale = readerLocale(language);
  /** @param {Intl.DateTimeFormatOptions} options */
  const times = (options) => new Intl.DateTimeFormat(locale, options);
  const clock = times({ timeStyle: "short" });
  const weekday = times({ weekday: "long", day: "numeric", month: "long" });
  const dated = times({ dateStyle: "long" });
  const soon = times({ weekday: "long", hour: "numeric", minute: "2-digit" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  /** @type {(name: string, unitDisplay: "long" | "short") => Format} */
  const unit = (name, unitDisplay) => (value) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay, maximumFractionDigits: 1 }).format(value);

  /** @type {Format} */
  const day = (ms) => {
    const days = daysAgo(ms);
    if (days > 1 || days < 0) return Math.abs(days) < 300 ? weekday.format(ms) : dated.format(ms);
    const word = relative.format(-days, "day");
    return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
  };
  return {
    locale,
    clock: (ms) => clock.format(ms),
    day,
    when: (ms) => (daysAgo(ms) === 0 ? clock.format(ms) : soon.format(ms)),
    duration: (seconds) =>
      seconds < 5400 ? unit("minute", "long")(Math.max(1, Math.round(seconds / 60))) : unit("hour", "long")(Math.round(seconds / 3600)),
    size: (bytes) =>
      bytes < 1_000_000 ? unit("kilobyte", "short")(Math.max(1, Math.round(bytes / 1024))) : unit("megabyte", "short")(bytes / 1_048_576),
  };
}

/** @param {number} ms */
function daysAgo(ms) {
  const midnight = (/** @type {number} */ value) => new Date(value).setHours(0, 0, 0, 0);
  return Math.round((midnight(Date.now()) - midnight(ms)) / DAY);
}

/**
 * The page's language in the reader's own flavour (en → en-GB), so that 14:07 isn't 2:07 PM for them.
 * @param {string} language
 */
function readerLocale(language) {
  const base = language.split("-")[0];
  return (navigator.languages ?? []).find((tag) => tag.split("-")[0] === base) ?? language;
}

// --- a message's text: addresses become links, a lone emoji is large, everything else stays text ------

const LINK = /\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/gi;
const TRAILING = /[.,;:!?\]}»”’]+$/; // belongs to the sentence, not to the address
const LONE = /^(?:\p{RI}\p{RI}|[\p{Emoji_Presentation}\p{Extended_Pictographic}](?:\p{Emoji_Modifier}|\uFE0F)?(?:\u200D\p{Emoji}(?:\p{Emoji_Modifier}|\uFE0F)?)*){1,3}$/u;

/**
 * Nodes and strings for a text.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function linked(text) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const word = trimmed(match[0]);
    nodes.push(text.slice(end, match.index), link(word.includes("://") ? word : `mailto:${word}`, word));
    end = match.index + word.length;
  }
  return [...nodes, text.slice(end)];
}

/**
 * A link out of the messenger.
 * @param {string} href
 * @param {...(Node | string)} inside
 * @returns {HTMLElement}
 */
export function link(href, ...inside) {
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, inside);
}

/**
 * Is it one to three emoji and nothing else?
 * @param {string} text
 */
export function isLoneEmoji(text) {
  return text.length < 40 && LONE.test(text.trim());
}

/**
 * Without the sentence's own punctuation; a closing bracket stays if the address opened one.
 * @param {string} word
 * @returns {string}
 */
function trimmed(word) {
  const bare = word.replace(TRAILING, "");
  return bare.endsWith(")") && !bare.includes("(") ? trimmed(bare.slice(0, -1)) : bare;
}

/**
 * A message's text as its bubble, or null.
 * @param {{text: string, mine: boolean}} message
 * @param {{markdown: ((text: string) => (Node | string)[]) | null}} kit
 */
export function bubble({ text, mine }, { markdown }) {
  if (!text) return null;
  if (isLoneEmoji(text)) return h("p", { class: "emoji" }, text);
  if (markdown && !mine) return h("div", { class: "bubble md", dir: "auto" }, markdown(text));
  return h("p", { class: "bubble", dir: "auto" }, linked(text));
}

/** @type {Promise<void> | null} */
let extras = null;

/**
 * Load a part that isn't needed at first, with its styles, icons and words; `name` as in ./name.js.
 * @param {string} name
 * @param {any} kit
 */
export async function need(name, kit) {
  extras ??= import("./extras.js").then(({ bring }) => bring(kit));
  try {
    const [part] = await Promise.all([import(`./${name}.js`), extras]);
    return part;
  } catch (error) {
    extras = null; // the line is down: the next time asks again
    throw error;
  }
}
