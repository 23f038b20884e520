/** Counts a listener's view of the song that plays: after 3 s listened, a quarter of it, or its end. */

import { ApiError, data } from "../shared/api.js";
import { bearer } from "../shared/session.js";
import { SONGS } from "./catalogue.js";

const LISTENED_MS = 3_000;
const QUARTER_PCT = 25;
/** A step of the position that is longer than this was a jump, not listening. */
const LONGEST_STEP_S = 1.5;
const RETRY_MS = 2_000;
const RETRIES = 5;

/**
 * @typedef {"idle" | "listening" | "sending" | "counted" | "anonymous" | "failed"} Standing
 */

export class ViewCounter {
  /**
   * @param {import("./song-row.js").SongRow} row
   * @param {HTMLAudioElement} audio
   * @param {(standing: Standing, leftMs: number) => void} onStanding
   */
  constructor(row, audio, onStanding) {
    this._row = row;
    this._audio = audio;
    this._onStanding = onStanding;
    this._listened = 0;
    this._at = 0;
    this._isDone = Boolean(row.song.hasViewed);
    this._ends = new AbortController();
    const { signal } = this._ends;
    audio.addEventListener("timeupdate", () => this._step(), { signal });
    audio.addEventListener("ended", () => this._reached(true), { signal });
    this._tell();
  }

  /** Stop counting: another song begins. */
  end() {
    this._ends.abort();
  }

  _step() {
    const now = this._audio.currentTime;
    const step = now - this._at;
    this._at = now;
    if (step > 0 && step < LONGEST_STEP_S) this._listened += (step * 1000) / (this._audio.playbackRate || 1);
    if (this._isDone) return;
    this._tell();
    if (this._listened >= LISTENED_MS || this._progress() >= QUARTER_PCT) this._reached(false);
  }

  /** How much was listened to, in percent. */
  _progress() {
    const ms = this._row.song.duration;
    return ms > 0 ? Math.min(100, (this._listened / ms) * 100) : 0;
  }

  async _reached(isComplete) {
    if (this._isDone) return;
    this._isDone = true;
    if (!bearer()) return this._onStanding("anonymous", 0);
    this._onStanding("sending", 0);
    await this._send(isComplete, RETRIES);
  }

  async _send(isComplete, retries) {
    const body = { durationMs: Math.round(this._listened), progressPct: Math.floor(this._progress()), isComplete };
    try {
      this._row.show(await data(`${SONGS}/${this._row.song.id}/view`, { method: "POST", body }));
      this._onStanding("counted", 0);
    } catch (error) {
      if (retries > 0 && error instanceof ApiError && (error.status === 0 || error.status >= 500)) {
        setTimeout(() => this._send(isComplete, retries - 1), (error.retryAfter ?? 0) * 1000 || RETRY_MS);
      } else this._onStanding("failed", 0);
    }
  }

  _tell() {
    if (this._isDone) return this._onStanding("counted", 0);
    this._onStanding("listening", Math.max(0, LISTENED_MS - this._listened));
  }
}
