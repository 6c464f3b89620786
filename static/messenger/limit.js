/** Says by how many characters a text is too long, before anything is sent. */
import { h, icon } from "./dom.js";
import { byteLength } from "./protocol.js";

/** Show it in `problem`, or hide that when the text fits. `limit`: UTF-8 bytes. */
export function explain(problem, text, limit, t) {
  const count = charactersOver(text, limit);
  problem.hidden = !count;
  problem.replaceChildren(icon("alert"), h("span", {}, t(count === 1 ? "composer.tooLongByOne" : "composer.tooLong", { count })));
}

/** How many characters must go for the text to fit; the limit itself is in bytes. */
function charactersOver(text, limit) {
  const letters = [...text];
  let over = byteLength(text) - limit;
  let count = 0;
  while (over > 0) {
    over -= byteLength(letters.pop());
    count += 1;
  }
  return count;
}
