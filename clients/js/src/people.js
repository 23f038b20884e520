/** Ids that are made once, and whose token it is. */

/** @returns {string} an id that nobody else makes */
export function newId() {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  // Pages that are not served over TLS have no randomUUID.
  const bytes = /** @type {Crypto} */ (crypto).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {string} tells one listening session from the others */
export function newSessionId() {
  return `session_${Date.now()}_${newId().replaceAll("-", "").slice(0, 12)}`;
}

/**
 * Who a token was made for; nothing is checked, that is for the service.
 * @param {string | null | undefined} token
 * @returns {string | null}
 */
export function userOf(token) {
  if (!token) return null;
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(part));
    return String(claims.sub ?? claims.id ?? claims.userId);
  } catch {
    return "?";
  }
}
