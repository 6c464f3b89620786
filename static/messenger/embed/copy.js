/** Copies what stands beside a button: <code id="x">…</code> <button data-copy="x" data-done="Copied">Copy</button>. */
const SHOWN_MS = 2000;
let shown = null; // the button that says so now: {button, label, timer}

addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await write(document.getElementById(button.dataset.copy));
  restore(); // one button at a time says it: there is one clipboard
  shown = { button, label: button.textContent, timer: setTimeout(restore, SHOWN_MS) };
  button.textContent = button.dataset.done;
});

function restore() {
  if (!shown) return;
  clearTimeout(shown.timer);
  shown.button.textContent = shown.label;
  shown = null;
}

/** Pages without https have no clipboard: there the text is selected and copied the old way. */
async function write(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
}
