/**
 * Inside the loader's frame: joins the messenger (`app`, main.js) with the script on the company's page (embed/link.js).
 *
 * We tell the parent window that we run, which is no secret. It answers with one end of a channel; that is taken only
 * from the parent window itself, and only from an origin that the deployment allows.
 */
import { app } from "./main.js";

const TOLD = ["message", "unread", "state"];
const REPEATED = new Set(["unread", "state"]);
const CALLS = {
  send: (text) => app.send(text),
  prefill: (text) => app.prefill(text),
  setAttributes: (attributes) => app.setAttributes(attributes),
  setContext: (context) => app.setContext(context),
  signIn: (token) => app.signIn(token),
  signOut: () => app.signOut(),
  setVisible: (visible) => app.setVisible(visible),
};

const config = JSON.parse(document.getElementById("messenger-config").textContent);
const last = new Map(); // what the page is told when it connects later than it happened
let port = null;

function allowed(origin) {
  if (origin === location.origin) return true;
  const { domains } = config.embedding;
  if (!domains.length) return /^https?:/.test(origin);
  const { hostname } = new URL(origin);
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

function tell(event, detail) {
  if (REPEATED.has(event)) last.set(event, detail);
  port?.postMessage({ event, detail });
}

/** Only what can be copied to the other window, in the shape that docs/embed.md promises. */
function plain({ id, text, direction, from }) {
  const name = typeof from === "string" ? from : (from?.nickname ?? from?.name ?? "");
  return { id, text: text ?? "", direction: String(direction).toLowerCase(), from: name };
}

async function answer({ id, name, given }) {
  try {
    port.postMessage({ id, detail: await CALLS[name](...given) });
  } catch (error) {
    port.postMessage({ id, error: error.message || String(error) });
  }
}

function connect(fresh) {
  port?.close();
  port = fresh;
  port.onmessage = (event) => Object.hasOwn(CALLS, event.data?.name) && answer(event.data);
  for (const [event, detail] of last) port.postMessage({ event, detail });
}

addEventListener("message", ({ source, origin, data, ports }) => {
  if (source !== parent || data?.contactcenter !== "hello" || !ports[0] || !allowed(origin)) return;
  connect(ports[0]);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) tell("close");
});
for (const name of TOLD) app.on(name, (detail) => tell(name, name === "message" ? plain(detail) : detail));
app.on("close", () => tell("close"));
app.on("state", (state) => state === "expired" && tell("conversation", false));
if (parent !== window) parent.postMessage({ contactcenter: "ready" }, "*");
