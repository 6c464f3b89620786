/** The emoji picker of the desk, loaded when somebody opens it. */
import { insert } from "./caret.js";
import { kept, me, text } from "./net.js";

const STORE = `emoji:${me}`;
const language = document.documentElement.lang.split("-")[0];

async function open(opener) {
  const { fetchGroups, toggle } = await import("../design/emoji.js");
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
