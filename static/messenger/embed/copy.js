/** Copies what stands beside a button: <code id="x">…</code> <button data-copy="x" data-done="Copied">Copy</button>. */
const SHOWN_MS = 2000;

addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await write(source);
  const before = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = before), SHOWN_MS);
});

/** Pages without https have no clipboard: there the text is selected and copied the old way. */
async function write(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
}
