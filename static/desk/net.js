/** Asking the server, and saying what came of it. Every request says that a script of the desk asks. */
const PATIENCE = 20_000; // ms for an answer; a connection may hang without breaking
const UPLOAD_PATIENCE = 180_000; // ms for a file
const csrf = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
const words = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");

/** Who looks at this desk: a user's id. */
export const me = document.body.dataset.user;

/** One of the desk's sentences, with its {values} filled in. */
export function text(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** An answer that refuses: `message` is a sentence for people, `status` the HTTP status. */
export class Refused extends Error {
  constructor(message, status, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** GET a fragment; resolves to the response. Throws Refused for a refusal, another error without an answer. */
export function get(url) {
  return ask(url, {});
}

/** POST fields (an object or FormData). */
export function post(url, fields) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return ask(url, { method: "POST", body, headers: { "X-CSRFToken": csrf } });
}

/** POST a form with a file. `progress(share)`: how much of it is sent, 0 to 1. Resolves to the answer's JSON. */
export function upload(url, body, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch doesn't tell how far it is
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrf);
    request.setRequestHeader("HX-Request", "true");
    request.timeout = UPLOAD_PATIENCE;
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("load", () => finish(request, resolve, reject));
    for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, () => reject(new Error(name)));
    request.send(body);
  });
}

function finish({ status, responseText }, resolve, reject) {
  if (status === 401) toLogin();
  let answer = {};
  try {
    answer = JSON.parse(responseText);
  } catch {
    // a proxy's own page: the status says enough
  }
  if (status >= 200 && status < 300) resolve(answer);
  else reject(new Refused(answer.errorMessage || text("error"), status));
}

async function ask(url, options) {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href, ...options.headers };
  const response = await fetch(url, {
    ...options, headers, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.ok) return response;
  if (response.status === 401) toLogin();
  throw new Refused(await sentence(response), response.status, Number(response.headers.get("Retry-After")) || 0);
}

/** What a refusal says to people. */
async function sentence(response) {
  const type = response.headers.get("Content-Type") ?? "";
  return type.startsWith("text/plain") ? response.text() : text("error");
}

/** The login is gone: what was written is kept, and sent after the next one. */
export function toLogin() {
  location.assign(`${document.body.dataset.login}?next=${encodeURIComponent(location.pathname)}`);
}

/** A short message in the corner: kind ok, warn, bad or "". */
export function toast(message, kind = "") {
  const node = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  if (kind) node.classList.add(kind);
  node.querySelector("p").textContent = message;
  const close = () => node.remove();
  node.querySelector("button").addEventListener("click", close);
  document.getElementById("toasts").append(node);
  setTimeout(close, kind === "bad" ? 12_000 : 6_000);
}

/** Say it to a screen reader, politely. */
export function announce(message) {
  document.getElementById("announce").textContent = message;
}

/** localStorage that may be blocked or full: then nothing is remembered, and nothing breaks. */
export const kept = {
  read(key, fallback) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? fallback;
    } catch {
      return fallback;
    }
  },
  write(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // nothing to do: the page itself still holds it
    }
  },
};
