/** Turns what a player does into statistics events: how long, how much of it, skipped, heard again. */

import { newSessionId } from "./people.js";

/** @typedef {import("./stats-collector.js").Source} Source */
/** @typedef {import("./stats-collector.js").Platform} Platform */
/** @typedef {{track(event: import("./stats-collector.js").StatsEvent): string, beforeHide?(work: () => void): () => void}} Collector */

/**
 * @typedef {object} PlayStatsOptions
 * @property {Collector} collector
 * @property {Source} [source] of what names no other; `player` when missing
 * @property {string} [playlistId]
 * @property {number | ((trackId: string) => number | undefined)} [trackDuration] seconds, for the completion rate
 * @property {number} [minSeconds] shorter plays are not reported; 20 when missing
 * @property {boolean} [reportSkips] report them all the same, as skipped
 */

/** @typedef {{trackId: string, at: number, source?: Source, playlistId?: string}} Play */

const MEANINGFUL_SECONDS = 20;

export class PlayStats {
  sessionId = newSessionId();
  /** @type {PlayStatsOptions} */ options;
  /** @type {Map<string, Play>} */ #running = new Map();
  /** @type {Set<string>} */ #heard = new Set();

  /** @param {PlayStatsOptions} options */
  constructor(options) {
    this.options = options;
  }

  /**
   * A track begins to sound.
   * @param {string} trackId
   * @param {Source} [source]
   * @param {string} [playlistId]
   */
  trackPlayStart = (trackId, source, playlistId) => {
    this.#running.set(trackId, { trackId, at: performance.now(), source, playlistId });
  };

  /**
   * It has ended or was paused. Plays under 20 seconds are not reported.
   * @param {string} trackId
   * @param {number} [duration] seconds listened; since its start when missing
   * @param {boolean} [skipped] whether it was under 20 seconds, when missing
   */
  trackPlayEnd = (trackId, duration, skipped) => {
    const play = this.#running.get(trackId);
    this.#running.delete(trackId);
    const seconds = duration ?? (play ? (performance.now() - play.at) / 1000 : 0);
    const { minSeconds = MEANINGFUL_SECONDS, reportSkips } = this.options;
    if (!(seconds >= minSeconds) && !(reportSkips && seconds >= 0)) return;
    this.#track({
      type: "play",
      trackId,
      source: play?.source,
      playlistId: play?.playlistId ?? this.options.playlistId,
      duration: Math.min(86_400, Math.round(seconds * 1000) / 1000),
      completionRate: this.#completion(trackId, seconds),
      skipped: skipped ?? seconds < MEANINGFUL_SECONDS,
      replayed: this.#heard.has(trackId),
    });
    this.#heard.add(trackId);
  };

  /** @param {string} trackId @param {"like" | "unlike"} [action] */
  trackLike = (trackId, action = "like") => this.#track({ type: "like", trackId, action });

  /** @param {string} trackId @param {string} playlistId @param {"save" | "unsave"} [action] */
  trackSave = (trackId, playlistId, action = "save") => this.#track({ type: "save", trackId, playlistId, action });

  /** @param {string} trackId @param {Platform} platform */
  trackShare = (trackId, platform) => this.#track({ type: "share", trackId, platform });

  /** @param {string} trackId */
  trackDownload = (trackId) => this.#track({ type: "download", trackId });

  /** Everything that still sounds ends now. */
  endAll = () => {
    for (const trackId of [...this.#running.keys()]) this.trackPlayEnd(trackId);
  };

  /** @param {string} trackId @param {number} seconds */
  #completion(trackId, seconds) {
    const { trackDuration } = this.options;
    const whole = typeof trackDuration === "function" ? trackDuration(trackId) : trackDuration;
    return whole ? Math.min(100, Math.round((1000 * seconds) / whole) / 10) : undefined;
  }

  /** @param {import("./stats-collector.js").StatsEvent} event */
  #track(event) {
    const source = event.source ?? this.options.source ?? "player";
    this.options.collector.track({ ...event, source, sessionId: this.sessionId });
  }
}
