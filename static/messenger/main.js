/** Starts the messenger on its page, with the configuration that the page carries. */
import { startMessenger } from "./app.js";

const config = JSON.parse(document.getElementById("messenger-config").textContent);

const root = document.querySelector("[data-messenger]");

/** Other scripts of the page (the bridge to a host page) import this. */
export const app = startMessenger({ config, root, storage: await storage() });

/** localStorage; where the browser denies it to a frame on a foreign site, what that site lends; else null. */
async function storage() {
  try {
    return localStorage;
  } catch {
    return config.embedded ? (await import("./host.js")).lentStorage() : null;
  }
}
