/** Parking until a day and time: chosen in the agent's own time, sent as an instant. */
const MINUTE = 60_000;
const AHEAD = 60; // minutes: what is proposed

const local = (date) => new Date(date - date.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);

function take(field, choose = true) {
  const date = new Date(field.value);
  const form = field.closest("form");
  form.querySelector("[name=at]").value = Number.isNaN(date.getTime()) ? "" : date.toISOString();
  if (choose) form.querySelector("[name=minutes][value='0']").checked = true;
}

document.addEventListener("htmx:afterSwap", () => {
  const field = document.getElementById("park-at");
  if (!field || field.value) return;
  field.value = local(new Date(Date.now() + AHEAD * MINUTE));
  take(field, false);
});
document.addEventListener("input", (event) => event.target.id === "park-at" && take(event.target));
document.addEventListener("change", (event) => {
  const chosen = event.target.matches?.("[name=minutes]") && event.target.value === "0";
  if (chosen) document.getElementById("park-at").focus();
});
