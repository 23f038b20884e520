/** Hears the counts of the songs that are shown, as they change. */

import { ask, connection, onConnected } from "../shared/live.js";

const UPDATED = "copyright-free-song-interaction-updated";
/** A connection may be in 200 rooms. */
const MOST = 200;

export class LiveCounts {
  /** @param {(name: string, body: unknown) => void} onHeard for the developers' panel */
  constructor(onHeard) {
    /** @type {Map<string, import("./song-row.js").SongRow>} */
    this._rows = new Map();
    connection().on(UPDATED, (counts) => {
      onHeard(UPDATED, counts);
      this._show(counts);
    });
    onConnected(() => this._join([...this._rows.keys()]));
  }

  /** Hear of these rows, and of no other. @param {import("./song-row.js").SongRow[]} rows */
  follow(rows) {
    const wanted = new Map(rows.slice(0, MOST).map((row) => [row.song.id, row]));
    const left = [...this._rows.keys()].filter((id) => !wanted.has(id));
    const joined = [...wanted.keys()].filter((id) => !this._rows.has(id));
    this._rows = wanted;
    if (!connection().connected) return;
    for (const songId of left) ask("unsubscribe", { songId }).catch(() => {});
    this._join(joined);
  }

  _join(ids) {
    for (const songId of ids) {
      ask("subscribe", { songId }).then((answer) => answer.ok && this._show({ ...answer, songId })).catch(() => {});
    }
  }

  _show({ songId, viewCount, likeCount, bookmarkCount }) {
    this._rows.get(songId)?.show({ viewCount, likeCount, bookmarkCount });
  }
}
