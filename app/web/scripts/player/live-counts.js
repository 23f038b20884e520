/** Hears the counts of the songs that are shown, as they change. */

import { subscribeToSong } from "../../client/index.js";
import { connection } from "../shared/live.js";

/** A connection may be in 200 rooms. */
const MOST = 200;

export class LiveCounts {
  constructor() {
    /** @type {Map<string, () => void>} */
    this._ends = new Map();
  }

  /** Hear of these rows, and of no other. @param {import("./song-row.js").SongRow[]} rows */
  follow(rows) {
    const wanted = new Map(rows.slice(0, MOST).map((row) => [row.song.id, row]));
    for (const id of [...this._ends.keys()].filter((one) => !wanted.has(one))) this._leave(id);
    for (const [id, row] of wanted) if (!this._ends.has(id)) this._join(id, row);
  }

  _join(id, row) {
    const options = { socket: connection() };
    this._ends.set(id, subscribeToSong(id, ({ songId, ...counts }) => row.show(counts), options));
  }

  _leave(id) {
    this._ends.get(id)?.();
    this._ends.delete(id);
  }
}
