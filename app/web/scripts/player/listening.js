/** Counts what is listened to: a view for each listener and song, and the plays for the statistics. */

import { PlayStats, StatsCollector, ViewTracker } from "../../client/index.js";
import { bearer } from "../shared/session.js";

const MEANINGFUL_S = 20;
const ALMOST_ALL = 0.9;

/** @typedef {import("./song-row.js").SongRow} SongRow */
/** @typedef {import("./standing.js").Standing} Standing */

export class Listening {
  /** @param {HTMLAudioElement} audio @param {(standing: Standing) => void} onStanding */
  constructor(audio, onStanding) {
    this._audio = audio;
    this._onStanding = onStanding;
    /** @type {SongRow | null} */
    this._row = null;
    /** @type {ViewTracker | null} */
    this._tracker = null;
    this._listenedMs = 0;
    this._collector = new StatsCollector({ getToken: bearer });
    this.stats = new PlayStats({ collector: this._collector, reportSkips: true });
    this._collector.beforeHide(() => this._endPlay());
    audio.addEventListener("ended", () => this._endPlay());
    audio.addEventListener("playing", () => this._beginPlay());
  }

  /** Another song begins. @param {SongRow} row */
  watch(row) {
    this._endPlay();
    this._row = row;
    this._listenedMs = 0;
    const { id: songId, viewCount, hasViewed } = row.song;
    if (this._tracker) this._tracker.watch({ songId, viewCount, hasViewed });
    else this._tracker = this._track({ songId, viewCount, hasViewed });
    this._onStanding({ isCounted: Boolean(hasViewed), leftMs: this._leftMs() });
  }

  /** Somebody else listens now: what goes on is counted for them. */
  anew() {
    if (this._row) this.watch(this._row);
  }

  _track(song) {
    return new ViewTracker(this._audio, {
      ...song,
      getToken: bearer,
      onListen: ({ songId, durationMs }) => this._heard(songId, durationMs),
      onCount: ({ songId, viewCount, hasViewed, isOptimistic }) => this._counted(songId, { viewCount, hasViewed }, isOptimistic),
      onError: () => this._onStanding({ hasFailed: true }),
    });
  }

  _heard(songId, durationMs) {
    if (this._row?.song.id !== songId) return;
    this._listenedMs = durationMs;
    this._onStanding({ isCounted: Boolean(this._row.song.hasViewed), leftMs: this._leftMs() });
  }

  _counted(songId, counts, isOptimistic) {
    if (this._row?.song.id !== songId) return;
    this._row.show(counts);
    if (!isOptimistic && counts.hasViewed) this._onStanding({ isCounted: true });
  }

  /** Until it counts: three seconds, or a quarter of what is shorter than twelve. */
  _leftMs() {
    const quarter = (this._row?.song.duration ?? 0) / 4;
    return Math.max(0, (quarter > 0 ? Math.min(3_000, quarter) : 3_000) - this._listenedMs);
  }

  _beginPlay() {
    if (!this._row || this._plays) return;
    this._plays = this._row.song;
    this.stats.options.trackDuration = this._plays.duration / 1000;
    this.stats.trackPlayStart(this._plays.id, "player");
  }

  _endPlay() {
    const song = this._plays;
    this._plays = null;
    if (!song) return;
    const seconds = this._listenedMs / 1000;
    const isSkipped = seconds < Math.min(MEANINGFUL_S, (ALMOST_ALL * song.duration) / 1000);
    this.stats.trackPlayEnd(song.id, seconds, isSkipped);
  }
}
