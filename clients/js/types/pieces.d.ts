/** @param {object} event @param {string | null} owner @returns {Entry} */
export function entryOf(event: object, owner: string | null): Entry;
/** @param {Entry[]} entries @returns {string} */
export function asBody(entries: Entry[]): string;
/**
 * How many of the first ones go together: of one person, and not too large.
 * @param {Entry[]} entries
 * @param {number} most
 * @returns {number}
 */
export function firstPiece(entries: Entry[], most: number): number;
/**
 * @param {Entry[]} entries
 * @returns {Piece[]} all of them, in order
 */
export function piecesOf(entries: Entry[]): Piece[];
/** Cuts a queue of events into pieces that one request can carry. */
/**
 * An event as it is sent, and who was signed in when it happened.
 * @typedef {{json: string, bytes: number, owner: string | null}} Entry
 */
/** @typedef {{owner: string | null, entries: Entry[]}} Piece */
/** What a browser carries for a page that goes away is 64 KiB; this leaves room. */
export const MOST_BYTES: 60000;
/**
 * An event as it is sent, and who was signed in when it happened.
 */
export type Entry = {
    json: string;
    bytes: number;
    owner: string | null;
};
export type Piece = {
    owner: string | null;
    entries: Entry[];
};
