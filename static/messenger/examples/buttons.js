/** A company's own script: it may run before the messenger's, and works with it from the first line on. */
window.ContactCenter ||= [];

const CALLS = {
  open: () => ContactCenter.open(),
  close: () => ContactCenter.close(),
  hide: () => ContactCenter.hide(),
  show: () => ContactCenter.show(),
  ask: () => {
    ContactCenter.prefill("Is the Skerry rain jacket in stock in size M?");
    ContactCenter.open();
  },
  send: () => ContactCenter.send("Hello"),
  tell: () => ContactCenter.setAttributes({ basket: "Skerry rain jacket, M", value: "89.00" }),
};

window.ContactCenter.push((messengers) => {
  for (const name of ["ready", "open", "close", "state"]) messengers.on(name, (detail) => note(name, detail));
  messengers.on("message", ({ direction, from, text }) => note("message", `${direction} ${from} ${text}`));
  messengers.on("unread", (count) => (document.getElementById("unread").value = count));
});

function note(name, detail = "") {
  const item = document.createElement("li");
  item.textContent = `${name} ${detail}`;
  document.getElementById("heard").append(item);
}

addEventListener("click", (event) => CALLS[event.target.dataset?.call]?.());
