/** Changing what is in the message field as if it had been typed: the draft, the size and the limit hear of it. */
const box = () => document.getElementById("composer-text");

function typed() {
  box().focus();
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

/** Put words where the caret is, in place of what is selected. */
export function insert(words) {
  box().setRangeText(words, box().selectionStart, box().selectionEnd, "end");
  typed();
}

/** Put marks around what is selected, or take them away again; the selection stays. */
export function wrap(before, after = before) {
  const { selectionStart: start, selectionEnd: end, value } = box();
  const inside = value.slice(start, end);
  if (value.slice(start - before.length, start) === before && value.slice(end, end + after.length) === after) {
    box().setRangeText(inside, start - before.length, end + after.length, "select");
  } else {
    box().setRangeText(`${before}${inside}${after}`, start, end, "end");
    box().setSelectionRange(start + before.length, start + before.length + inside.length);
  }
  typed();
}

/** Begin each selected line with a mark, or take it away where all have it. */
export function lines(mark) {
  const { selectionStart, selectionEnd, value } = box();
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = value.indexOf("\n", selectionEnd) < 0 ? value.length : value.indexOf("\n", selectionEnd);
  const rows = value.slice(start, end).split("\n");
  const all = rows.every((row) => row.startsWith(mark));
  const fresh = rows.map((row) => (all ? row.slice(mark.length) : mark + row)).join("\n");
  box().setRangeText(fresh, start, end, "end");
  typed();
}

/** The word that is being written before the caret, if it begins with `mark`; else null. */
export function wordFrom(mark) {
  const before = box().value.slice(0, box().selectionStart);
  const at = before.lastIndexOf(mark);
  return at < 0 || /\S$/.test(before.slice(0, at)) || before.slice(at).includes("\n") ? null : before.slice(at + mark.length);
}
