/** Inside the loader's frame: what the company's page may call, and what it is told (docs/embed.md). */
import { line } from "./host.js";
import { app } from "./main.js";

const CALLS = {
  send: (text) => app.send(text),
  prefill: (text) => app.prefill(text),
  setAttributes: (attributes) => app.setAttributes(attributes),
  setContext: (context) => app.setContext(context),
  signIn: (token) => app.signIn(token),
  signOut: () => app.signOut(),
  setVisible: (visible, focus) => {
    app.setVisible(visible);
    if (visible && focus && !matchMedia("(pointer: coarse)").matches) document.querySelector("textarea")?.focus();
  },
};

/** Only what can be copied to the other window, in the shape that is documented. */
function plain({ id, text, direction, from }) {
  const name = typeof from === "string" ? from : (from?.nickname ?? from?.name ?? "");
  return { id, text: text ?? "", direction: String(direction).toLowerCase(), from: name };
}

async function answer(port, { id, name, given }) {
  try {
    port.postMessage({ id, detail: await CALLS[name](...given) });
  } catch (error) {
    port.postMessage({ id, error: error.message || String(error) });
  }
}

function join({ port }) {
  const tell = (event, detail) => port.postMessage({ event, detail });
  port.addEventListener("message", ({ data }) => Object.hasOwn(CALLS, data.name ?? "") && answer(port, data));
  port.start();
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tell("close");
  });
  // from the first word on the frame is loaded on every page, so that what waits to be sent is sent
  addEventListener("submit", () => tell("conversation", true), true);
  app.on("message", (message) => tell("message", plain(message)));
  app.on("unread", (count) => tell("unread", count));
  app.on("close", () => tell("close"));
  app.on("state", (state) => {
    tell("state", state);
    if (state === "expired") tell("conversation", false);
  });
}

const found = await line;
if (found) join(found);
