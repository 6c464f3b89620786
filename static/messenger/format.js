/** Times, days and sizes in the reader's language and time zone. */
const DAY = 86_400_000;
const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);

/** "rtl" or "ltr" for a language tag. */
export function directionOf(language) {
  return RIGHT_TO_LEFT.has(language.split("-")[0]) ? "rtl" : "ltr";
}

/**
 * Formats for one language.
 * @returns {{locale, clock: (ms) => string, day: (ms) => string, when: (ms) => string, duration: (s) => string, size: (bytes) => string}}
 *   clock 14:07 · day Today, Yesterday, Thursday 12 November · when 14:07 or Monday 9:00 · duration 3 minutes
 */
export function formats(language) {
  const locale = readerLocale(language);
  const times = (options) => new Intl.DateTimeFormat(locale, options);
  const clock = times({ timeStyle: "short" });
  const weekday = times({ weekday: "long", day: "numeric", month: "long" });
  const dated = times({ dateStyle: "long" });
  const soon = times({ weekday: "long", hour: "numeric", minute: "2-digit" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const unit = (name, unitDisplay) => (value) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay, maximumFractionDigits: 1 }).format(value);

  const day = (ms) => {
    const days = daysAgo(ms);
    if (days > 1 || days < 0) return days < 300 ? weekday.format(ms) : dated.format(ms);
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

function daysAgo(ms) {
  const midnight = (value) => new Date(value).setHours(0, 0, 0, 0);
  return Math.round((midnight(Date.now()) - midnight(ms)) / DAY);
}

/** The page's language in the reader's own flavour (en → en-GB), so that 14:07 isn't 2:07 PM for them. */
function readerLocale(language) {
  const base = language.split("-")[0];
  return (navigator.languages ?? []).find((tag) => tag.split("-")[0] === base) ?? language;
}
