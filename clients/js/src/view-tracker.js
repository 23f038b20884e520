/** Counts a view of the song that an `<audio>` or `<video>` element plays, when it was listened to. */

import { ask, mayRetry, pause, pauseAfter } from "./asking.js";
import { Meter } from "./meter.js";
import { userOf } from "./people.js";

/**
 * What is to be shown. `isOptimistic` until the service has answered.
 * @typedef {{songId: string, viewCount: number, hasViewed: boolean, isOptimistic: boolean}} Count
 */

/** @typedef {{durationMs: number, progressPct: number, isComplete: boolean}} Report */

/**
 * @typedef {object} ViewTrackerOptions
 * @property {string} songId id or slug
 * @property {import("./asking.js").GetToken} getToken nothing is counted while it gives none
 * @property {string} [url] where the service is; the page's own origin when missing
 * @property {number} [viewCount] the count that is shown at present
 * @property {boolean} [hasViewed] what the service says of this user and song; the count is not raised then
 * @property {(count: Count) => void} [onCount]
 * @property {(report: Report & {songId: string}) => void} [onListen] hears, a few times a second, how far it is
 * @property {(error: import("./asking.js").Answer) => void} [onError] hears of a view that is given up
 */

/** @typedef {{songId: string, viewCount?: number, hasViewed?: boolean}} Song */

const LISTENED_MS = 3000;
const LISTENED_PCT = 25;
const WORTH_TELLING_MS = 1000;

/** Who has viewed what, since this page was loaded. @type {Set<string>} */
const viewed = new Set();

/** One song, as long as it is in the element. */
class Listening {
  meter = new Meter();
  isComplete = false;
  /** @type {"no" | "asking" | "yes" | "refused"} */ state = "no";
  /** @type {string | null | undefined} */ refusedToken = undefined;
  toldMs = 0;

  /** @param {Song} song */
  constructor(song) {
    this.song = song;
  }

  /** @param {number} duration s @returns {Report} */
  report(duration) {
    const progress = duration > 0 && Number.isFinite(duration) ? (100 * this.meter.seconds) / duration : 0;
    const progressPct = this.isComplete ? 100 : Math.min(100, Math.round(progress * 10) / 10);
    return { durationMs: Math.round(this.meter.listenedMs), progressPct, isComplete: this.isComplete };
  }
}

export class ViewTracker {
  #element;
  #options;
  #listening;
  #attached = new AbortController();
  #duration = 0;

  /**
   * @param {HTMLMediaElement} element
   * @param {ViewTrackerOptions} options
   */
  constructor(element, options) {
    this.#element = element;
    this.#options = options;
    this.#listening = new Listening(options);
    const { signal } = this.#attached;
    for (const name of ["timeupdate", "playing", "pause", "waiting", "ratechange", "ended"]) {
      element.addEventListener(name, () => this.#look(name), { signal });
    }
    for (const name of ["seeking", "emptied"]) element.addEventListener(name, () => this.#listening.meter.cut(), { signal });
    globalThis.addEventListener?.("pagehide", () => this.#tellRest(), { signal });
  }

  /**
   * Another song is in the element.
   * @param {Song} song
   */
  watch(song) {
    this.#tellRest();
    this.#listening = new Listening(song);
  }

  /** Let go of the element; a view that is on its way is still counted. */
  detach() {
    this.#tellRest();
    this.#attached.abort();
  }

  /** @param {string} name of the event */
  #look(name) {
    const { currentTime, duration, playbackRate, paused, ended } = this.#element;
    const listening = this.#listening;
    if (duration > 0) this.#duration = duration;
    listening.meter.look(currentTime, name !== "waiting" && !paused && !ended, playbackRate);
    // Who jumps to the end has not listened to it.
    if (name === "ended" && listening.meter.seconds > 0.2) listening.isComplete = true;
    const report = listening.report(this.#duration);
    this.#options.onListen?.({ songId: listening.song.songId, ...report });
    if (listening.state === "no" && this.#isEnough(report)) void this.#count(listening);
    if (name === "ended") this.#tellRest();
  }

  /** @param {Report} report */
  #isEnough({ durationMs, progressPct, isComplete }) {
    return durationMs >= LISTENED_MS || progressPct >= LISTENED_PCT || isComplete;
  }

  /** @param {Listening} listening */
  async #count(listening) {
    listening.state = "asking";
    const token = await this.#token();
    const key = `${userOf(token)} ${listening.song.songId}`;
    if (!token || token === listening.refusedToken) listening.state = "no";
    else if (viewed.has(key)) listening.state = "yes";
    else await this.#record(listening, key, token);
  }

  /** @param {Listening} listening @param {string} key @param {string} token */
  async #record(listening, key, token) {
    const { song } = listening;
    viewed.add(key);
    const before = song.viewCount;
    if (before !== undefined && !song.hasViewed) this.#show(song, before + 1, true, true);
    const answer = await this.#askUntilAnswered(listening, token);
    if (answer.status === 200) {
      listening.state = "yes";
      this.#show(song, answer.body.data.viewCount, answer.body.data.hasViewed, false);
      return;
    }
    viewed.delete(key);
    listening.refusedToken = token;
    listening.state = answer.status === 401 ? "no" : "refused";
    if (before !== undefined) this.#show(song, before, song.hasViewed ?? false, false);
    this.#options.onError?.(answer);
  }

  /** @param {Listening} listening @param {string} token */
  async #askUntilAnswered(listening, token) {
    for (let failures = 1; ; failures++) {
      const answer = await this.#tell(listening, token);
      if (!mayRetry(answer.status)) return answer;
      await pause(pauseAfter(failures, answer.retryAfterMs));
    }
  }

  /** How far it was listened to in the end: it raises what is stored and counts nothing. */
  async #tellRest() {
    const listening = this.#listening;
    const isMore = listening.meter.listenedMs - listening.toldMs >= WORTH_TELLING_MS;
    if (listening.state !== "yes" || !isMore) return;
    const given = this.#options.getToken();
    const token = given instanceof Promise ? await given : given;
    if (token) await this.#tell(listening, token);
  }

  /** @param {Listening} listening @param {string} token */
  #tell(listening, token) {
    const report = listening.report(this.#duration);
    listening.toldMs = report.durationMs;
    const path = `/api/audio/copyright-free/${encodeURIComponent(listening.song.songId)}/view`;
    return ask((this.#options.url ?? "") + path, { token, body: JSON.stringify(report), keepalive: true });
  }

  async #token() {
    try {
      return (await this.#options.getToken()) ?? null;
    } catch {
      return null;
    }
  }

  /** @param {Song} song @param {number} viewCount @param {boolean} hasViewed @param {boolean} isOptimistic */
  #show(song, viewCount, hasViewed, isOptimistic) {
    song.viewCount = viewCount;
    song.hasViewed = hasViewed;
    this.#options.onCount?.({ songId: song.songId, viewCount, hasViewed, isOptimistic });
  }
}
