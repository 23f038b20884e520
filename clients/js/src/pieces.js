/** Cuts a queue of events into pieces that one request can carry. */

/**
 * An event as it is sent, and who was signed in when it happened.
 * @typedef {{json: string, bytes: number, owner: string | null}} Entry
 */

/** @typedef {{owner: string | null, entries: Entry[]}} Piece */

/** What a browser carries for a page that goes away is 64 KiB; this leaves room. */
export const MOST_BYTES = 60_000;

const encoder = new TextEncoder();

/** @param {object} event @param {string | null} owner @returns {Entry} */
export function entryOf(event, owner) {
  const json = JSON.stringify(event);
  return { json, bytes: encoder.encode(json).length + 1, owner };
}

/** @param {Entry[]} entries @returns {string} */
export function asBody(entries) {
  return `[${entries.map((entry) => entry.json).join(",")}]`;
}

/**
 * How many of the first ones go together: of one person, and not too large.
 * @param {Entry[]} entries
 * @param {number} most
 * @returns {number}
 */
export function firstPiece(entries, most) {
  let bytes = 2;
  const fits = (/** @type {Entry} */ entry) => entry.owner === entries[0].owner && (bytes += entry.bytes) <= MOST_BYTES;
  const end = entries.slice(0, most).findIndex((entry) => !fits(entry));
  return end < 0 ? Math.min(most, entries.length) : end;
}

/**
 * @param {Entry[]} entries
 * @returns {Piece[]} all of them, in order
 */
export function piecesOf(entries) {
  const pieces = [];
  for (let start = 0; start < entries.length; ) {
    const rest = entries.slice(start, start + 1000);
    const count = firstPiece(rest, 1000);
    pieces.push({ owner: rest[0].owner, entries: rest.slice(0, count) });
    start += count;
  }
  return pieces;
}
