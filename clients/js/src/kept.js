/** Events that wait in localStorage for a moment in which they can be sent. */

import { newId } from "./people.js";
import { asBody, entryOf } from "./pieces.js";

/** @typedef {import("./pieces.js").Piece} Piece */
/** @typedef {Piece & {key: string, at: number}} KeptPiece */

const MOST_PIECES = 64;
// The service takes nothing that is older.
const LONGEST_MS = 7 * 24 * 3600 * 1000;

export class Kept {
  #prefix;
  #onDrop;

  /**
   * @param {string} name tells one service from another
   * @param {(count: number, reason: string) => void} onDrop hears of events that are given up
   */
  constructor(name, onDrop) {
    this.#prefix = `playledger.kept:${name}:`;
    this.#onDrop = onDrop;
  }

  /**
   * @param {Piece} piece
   * @returns {string | null} its key; `null` when nothing can be kept here
   */
  put(piece) {
    const key = `${this.#prefix}${Date.now()}:${newId()}`;
    const text = `{"owner":${JSON.stringify(piece.owner)},"events":${asBody(piece.entries)}}`;
    const keys = this.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length + 1 - MOST_PIECES))) this.#giveUp(old, "overflow");
    try {
      localStorage.setItem(key, text);
      return key;
    } catch {
      return null;
    }
  }

  /** @returns {string[]} the oldest first */
  keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix)).sort();
    } catch {
      return [];
    }
  }

  /** @param {string} key @returns {Piece | null} `null` when it is gone, broken or too old */
  take(key) {
    const piece = read(key);
    if (!piece || Date.now() - Number(key.slice(this.#prefix.length).split(":")[0]) < LONGEST_MS) return piece;
    this.#giveUp(key, "too old");
    return null;
  }

  /** @param {string | null} key */
  remove(key) {
    if (key) globalThis.localStorage?.removeItem(key);
  }

  /** @param {string | null} key @returns {boolean} whether it is one of these */
  has(key) {
    return key === null || key.startsWith(this.#prefix);
  }

  /** @param {string} key @param {string} reason */
  #giveUp(key, reason) {
    const count = read(key)?.entries.length ?? 0;
    this.remove(key);
    if (count) this.#onDrop(count, reason);
  }
}

/** @param {string} key @returns {Piece | null} */
function read(key) {
  try {
    const { owner, events } = JSON.parse(localStorage.getItem(key) ?? "null");
    return { owner, entries: events.map((/** @type {object} */ event) => entryOf(event, owner)) };
  } catch {
    globalThis.localStorage?.removeItem(key);
    return null;
  }
}
