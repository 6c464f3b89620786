/** What every part that opens later needs: styles, icons and words. Loaded once, with the first of those parts. */
import { addIcons, h, safeUrl } from "./dom.js";

addIcons({
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 21h4",
  calendar: "M5 6h14v14H5zM5 10h14M9 3.5V7M15 3.5V7",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  left: "m14.5 6-6 6 6 6",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6v.01M4.5 12v.01M4.5 18v.01",
  pin: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11M12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  save: "M12 4v11M7.5 10.5 12 15l4.5-4.5M4 19.5h16",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13",
  x: "m6 6 12 12M18 6 6 18",
});

/** All of it is there; `words` takes the texts that the page itself doesn't carry. Rejects if they can't be had. */
export async function bring({ config, words }) {
  await Promise.all([styles(), config.wordsUrl && fetchWords(config.wordsUrl).then(words)]);
}

/** An address that may be opened from a message: http(s), mailto, tel, sms; null for anything else. */
export function safeLink(url) {
  return /^(mailto|tel|sms):[^\s]+$/i.test(url ?? "") ? url : safeUrl(url);
}

let sheet = null;

/** A page without its styles is of use all the same. */
function styles() {
  sheet ??= new Promise((done) => {
    const href = new URL("./extras.css", import.meta.url).href;
    document.head.append(h("link", { rel: "stylesheet", href, onload: done, onerror: done }));
  });
  return sheet;
}

/** A preview has them in its page. */
async function fetchWords(address) {
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw new Error(`words: ${response.status}`);
  return response.json();
}
