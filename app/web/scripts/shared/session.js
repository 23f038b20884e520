/** Who is signed in, in this tab: a token in sessionStorage, and what can be read in it. */

const KEY = "playledger.token";
const changes = new EventTarget();

/**
 * @typedef {{token: string, userId: string, roles: string[], tenants: string[], expiresAt: Date}} Session
 */

/** @returns {Session | null} nobody, also when the token has run out */
export function current() {
  const session = read(stored());
  return session && session.expiresAt > new Date() ? session : null;
}

/** @returns {string | null} the bearer token */
export function bearer() {
  return current()?.token ?? null;
}

/** @param {string} role @returns {boolean} */
export function hasRole(role) {
  return current()?.roles.includes(role) ?? false;
}

/** Whether the service mints tokens for whoever asks, which it does in development only. */
export function canMint() {
  return document.documentElement.dataset.signIn === "demo";
}

/**
 * Sign in with a token.
 * @param {string} token
 * @returns {Session}
 * @throws {Error} when it cannot be read, or has run out
 */
export function signIn(token) {
  const session = read(token.trim());
  if (!session) throw new Error("This is not a token that can be read");
  if (session.expiresAt <= new Date()) throw new Error("This token has run out");
  keep(session.token);
  changes.dispatchEvent(new Event("change"));
  return session;
}

/** Forget the token. */
export function signOut() {
  keep(null);
  changes.dispatchEvent(new Event("change"));
}

/**
 * Sign in as one of the people of the demo.
 * @param {"listener" | "artist" | "admin" | "guest"} who `guest` is a listener whom nobody has been before
 * @returns {Promise<Session>}
 */
export async function mintDemoToken(who) {
  const answer = await fetch("/api/demo/tokens", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as: who }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return signIn(body.token);
}

/**
 * Hear of somebody signing in or out.
 * @param {(session: Session | null) => void} listener
 * @returns {() => void} ends it
 */
export function onSessionChange(listener) {
  const tell = () => listener(current());
  changes.addEventListener("change", tell);
  return () => changes.removeEventListener("change", tell);
}

/** @param {string | null} token @returns {Session | null} */
function read(token) {
  if (!token) return null;
  try {
    const claims = JSON.parse(decode(token.split(".")[1]));
    const userId = claims.sub ?? claims.id ?? claims.userId;
    const expiresAt = new Date(claims.exp * 1000);
    return { token, userId, roles: claims.roles ?? [], tenants: claims.tenants ?? [], expiresAt };
  } catch {
    return null;
  }
}

/** @param {string} part URL-safe base64 of UTF-8 */
function decode(part) {
  const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

function stored() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @param {string | null} token */
function keep(token) {
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch {
    throw new Error("This browser lets the page keep nothing, so nobody can sign in");
  }
}
