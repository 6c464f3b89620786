/**
 * Inside the loader's frame: the line to the script on the company's page (embed/link.js).
 *
 * We tell the parent window that we run, which is no secret. It answers with one end of a channel; that is taken only
 * from the parent window itself, and only from an origin that the deployment allows.
 */
const NOBODY_MS = 3000; // a page that frames us without our loader doesn't answer

/** Our end of the channel, once the page has answered; null in a window of our own. */
export const line = parent === window ? Promise.resolve(null) : listen();

function listen() {
  return new Promise((resolve) => {
    addEventListener("message", ({ source, origin, data, ports }) => {
      if (source === parent && data?.contactcenter === "hello" && ports[0] && allowed(origin)) {
        resolve({ port: ports[0], kept: data.kept });
      }
    });
    parent.postMessage({ contactcenter: "ready" }, "*");
  });
}

function allowed(origin) {
  if (origin === location.origin) return true;
  const { domains } = JSON.parse(document.getElementById("messenger-config").textContent).embedding;
  if (!domains.length) return /^https?:/.test(origin);
  const { hostname } = new URL(origin);
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

/**
 * Browsers that block third parties' storage deny it to a frame on a foreign site. Then the page lends its own: the
 * conversation is there again on the next page. Null where nobody lends.
 */
export async function lentStorage() {
  const nobody = new Promise((resolve) => setTimeout(resolve, NOBODY_MS, null));
  const found = await Promise.race([line, nobody]);
  if (!found) return null;
  const { port, kept } = found;
  const { Kept } = await import("./embed/kept.js");
  const storage = new Kept(kept, (name, value) => port.postMessage({ keep: name, value }));
  port.addEventListener("message", ({ data }) => data.kept && storage.take(data.kept, data.value));
  port.start();
  return storage;
}
