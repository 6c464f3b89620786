/** Starts the messenger on its page, with the configuration that the page carries. */
import { startMessenger } from "./app.js";

const config = JSON.parse(document.getElementById("messenger-config").textContent);

/** Other scripts of the page (the bridge to a host page) import this. */
export const app = startMessenger({ config, root: document.querySelector("[data-messenger]"), storage: storage() });

/** localStorage, or null where the browser forbids it even to ask. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
