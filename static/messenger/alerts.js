/** What tells a customer who looks elsewhere: a flashing title, a sound, a notification. */
import { ring } from "../design/ring.js";

const FLASH_MS = 1500;

let flashing = 0;

/** A message came and nobody looks. */
export function alert({ author, text }, { kit, store, unread }) {
  const { config, t } = kit;
  const name = author.name || config.look.companyName;
  if (config.extras.sound && !store.get("muted", false)) ring();
  if (!config.embedded) flash(t("title.new", { name }), unread);
  if (store.get("notify", false) && document.hidden) notify(name, text || t("file.file"), config);
}

/** The title says who wrote, in turn with itself, until everything was read. */
function flash(words, unread) {
  clearInterval(flashing);
  let usual = document.title;
  flashing = setInterval(() => {
    if (document.title !== words) usual = document.title;
    const over = unread() === 0;
    document.title = over || document.title === words ? usual : words;
    if (over) clearInterval(flashing);
  }, FLASH_MS);
}

function notify(title, body, { deploymentId }) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(title, { body, tag: deploymentId });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}
