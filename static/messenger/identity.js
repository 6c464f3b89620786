/** Signing a known customer in and out: the company's token is exchanged for one of ours. */
const TOKENS = "/api/v2/webdeployments/token/";

/** @returns {Promise<string>} the JWT for the socket; rejects when the token isn't accepted */
export async function exchange({ deploymentId, historyUrl }, idToken) {
  const nonce = crypto.getRandomValues(new Uint32Array(4)).join("");
  const response = await fetch(address(historyUrl, "oauthcodegrantjwtexchange"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body: JSON.stringify({ deploymentId, oauth: { idToken, nonce } }),
  });
  if (!response.ok) throw new Error(`sign-in refused: ${response.status}`);
  return (await response.json()).jwt;
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
