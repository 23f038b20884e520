/** Lets one tab of a browser do something while the others leave it alone. */

import { newId } from "./people.js";

const LEASE_MS = 30_000;
const SETTLE_MS = 40;

/**
 * Do it, unless another tab is at it.
 * @param {string} name
 * @param {() => Promise<void>} work
 * @returns {Promise<boolean>} whether it was this tab
 */
export async function alone(name, work) {
  const locks = globalThis.navigator?.locks;
  if (!locks) return withLease(name, work);
  return locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}

/** @param {string} name @param {() => Promise<void>} work */
async function withLease(name, work) {
  const storage = globalThis.localStorage;
  if (!storage) return work().then(() => true);
  const mine = newId();
  const isMine = () => read(storage, name)?.holder === mine;
  const renew = () => storage.setItem(name, JSON.stringify({ holder: mine, until: Date.now() + LEASE_MS }));
  if (read(storage, name)) return false;
  renew();
  // Two tabs that write at the same moment both read, a little later, what the last of them wrote.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  if (!isMine()) return false;
  const renewing = setInterval(renew, LEASE_MS / 3);
  try {
    await work();
  } finally {
    clearInterval(renewing);
    if (isMine()) storage.removeItem(name);
  }
  return true;
}

/** @param {Storage} storage @param {string} name @returns {{holder: string} | null} the lease that still runs */
function read(storage, name) {
  try {
    const lease = JSON.parse(storage.getItem(name) ?? "null");
    return lease && lease.until > Date.now() ? lease : null;
  } catch {
    return null;
  }
}
