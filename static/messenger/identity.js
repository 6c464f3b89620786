/** Signing a known customer in and out: the company's token is exchanged for one of ours. */
const TOKENS = "/api/v2/webdeployments/token/";

/** @returns {Promise<{jwt, refreshToken}>} the JWT is for the socket; rejects when the token isn't accepted */
export async function exchange({ deploymentId, historyUrl }, idToken) {
  const nonce = crypto.getRandomValues(new Uint32Array(4)).join("");
  const response = await post(address(historyUrl, "oauthcodegrantjwtexchange"), { deploymentId, oauth: { idToken, nonce } });
  if (!response.ok) throw new Error(`sign-in refused: ${response.status}`);
  return response.json();
}

/** A JWT holds for an hour. @returns {Promise<string|null>} the next; null: signed out meanwhile. Rejects without an answer */
export async function renew({ historyUrl }, refreshToken) {
  const response = await post(address(historyUrl, "refresh"), { refreshToken });
  if (response.status === 429 || response.status >= 500) throw new Error(`refresh: ${response.status}`);
  return response.ok ? (await response.json()).jwt : null;
}

function post(url, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(url, { method: "POST", headers, credentials: "omit", body: JSON.stringify(body) });
}

/** The JWT is worth nothing afterwards; when the line is down it simply runs out. */
export async function revoke({ historyUrl }, jwt) {
  try {
    await fetch(address(historyUrl, "revoke"), { method: "DELETE", headers: { Authorization: `bearer ${jwt}` }, credentials: "omit" });
  } catch {
    // Nobody can use it here: this browser forgets it now.
  }
}

function address(historyUrl, name) {
  return new URL(TOKENS + name, new URL(historyUrl, location.href));
}
