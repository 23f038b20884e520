/** Speaks to the service, and knows what to do when it does not answer. */

/**
 * What gives the bearer token of whoever is signed in; `null` when nobody is.
 * @typedef {() => string | null | undefined | Promise<string | null | undefined>} GetToken
 */

/**
 * `status` is 0 when nobody was reached; `body` is `null` when it was no JSON.
 * @typedef {{status: number, body: any, retryAfterMs: number | null}} Answer
 */

/**
 * @typedef {object} Asking
 * @property {string} [method]
 * @property {string | null} [token]
 * @property {string} [body]
 * @property {string} [type] of the body
 * @property {Record<string, string>} [headers]
 * @property {boolean} [keepalive] also when the page goes away meanwhile; at most 64 KiB at a time
 */

const PATIENCE_MS = 20_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * One request. It never throws.
 * @param {string} url
 * @param {Asking} asking
 * @returns {Promise<Answer>}
 */
export async function ask(url, { method = "POST", token, body, type = "application/json", headers = {}, keepalive }) {
  const given = { ...headers };
  if (body !== undefined) given["Content-Type"] = type;
  if (token) given.Authorization = `Bearer ${token}`;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method, headers: given, body, keepalive, signal });
    const read = await response.json().catch(() => null);
    return { status: response.status, body: read, retryAfterMs: waitOf(response.headers.get("Retry-After")) };
  } catch {
    return { status: 0, body: null, retryAfterMs: null };
  }
}

/** @param {number} status @returns {boolean} whether the same request may do better later */
export function mayRetry(status) {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/**
 * How long to wait before the next attempt: what the service asks for, else twice as long each time, with jitter.
 * @param {number} failures so far, from 1
 * @param {number | null} retryAfterMs
 * @returns {number} ms
 */
export function pauseAfter(failures, retryAfterMs) {
  const step = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (failures - 1));
  const own = step * (0.5 + Math.random() / 2);
  return Math.max(own, retryAfterMs ?? 0);
}

/** @param {string | null} text seconds, or a date @returns {number | null} ms */
function waitOf(text) {
  if (!text) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms >= 0 ? ms : null;
}

/**
 * Wait, and end the waiting early when the network comes back.
 * @param {number} ms
 * @param {AbortSignal} [signal] ends it too
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    globalThis.addEventListener?.("online", done);
    signal?.addEventListener("abort", done);
  });
}
