/** The emoji picker of the desk, loaded when somebody opens it. */
import { insert } from "./caret.js";
import { kept, me, text } from "./net.js";

const STORE = `emoji:${me}`;
const language = document.documentElement.lang.split("-")[0];
let styled = null;

/** Its looks, before it is seen. */
function looks() {
  styled ??= new Promise((done) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: new URL("../design/emoji.css", import.meta.url).href, onload: done, onerror: done });
    document.head.append(link);
  });
  return styled;
}

async function open(opener) {
  const [{ fetchGroups, toggle }] = await Promise.all([import("../design/emoji.js"), looks()]);
  await toggle(opener, opener.closest("form"), {
    t: text,
    load: () => fetchGroups(`/messenger/emoji/${language}.json`),
    recent: () => kept.read(STORE, []),
    keep: (characters) => kept.write(STORE, characters),
    choose: insert,
    focus: () => document.getElementById("composer-text")?.focus(),
  });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("#emoji-open");
  if (opener) void open(opener);
});
