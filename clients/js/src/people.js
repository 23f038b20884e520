/** Ids that are made once, and whose token it is. */

/**
 * An id that nobody else makes: a UUID of version 7. It begins with its time, so that the service finds the ids of one
 * moment side by side, however many it has.
 * @param {number} [now] milliseconds since 1970
 * @returns {string}
 */
export function newId(now = Date.now()) {
  const time = Math.floor(now).toString(16).padStart(12, "0");
  const random = randomHex(10);
  const variant = "89ab"[parseInt(random[3], 16) & 3];
  return [time.slice(0, 8), time.slice(8), `7${random.slice(0, 3)}`, variant + random.slice(4, 7), random.slice(8)].join("-");
}

/** @returns {string} tells one listening session from the others */
export function newSessionId() {
  return `session_${Date.now()}_${randomHex(6)}`;
}

/** @param {number} bytes @returns {string} */
function randomHex(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
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
