/** Reports what is watched of an episode in YouTube's own player. */

import { mayRetry, pauseAfter } from "./asking.js";
import { EpisodeApi } from "./episode-api.js";
import { Meter } from "./meter.js";
import { Seen } from "./seen.js";
import { WatchLog } from "./watch-log.js";
import { BUFFERING, ENDED, loadYouTube, PLAYER_SCRIPT, PLAYING } from "./youtube.js";

/** @typedef {import("./asking.js").Answer} Answer */

/** @typedef {{playerState: number, position: number, totalSeconds: number, uniqueSeconds: number}} WatchState */

/**
 * @typedef {object} EpisodeOptions
 * @property {number | string} episodeId
 * @property {string} tenant
 * @property {import("./asking.js").GetToken} getToken
 * @property {string} [url] where the service is; the page's own origin when missing
 * @property {string} [deviceId]
 * @property {string} [scriptUrl] of the player
 * @property {{host?: string, width?: string | number, height?: string | number}} [playerOptions] YouTube's
 * @property {Record<string, unknown>} [playerVars] YouTube's; controls stay, and nothing plays by itself
 * @property {(state: WatchState) => void} [onState] also once a second
 * @property {(sent: {call: string, body: object, answer: Answer}) => void} [onAnswer] hears of every report
 * @property {(error: {code: number | string, error: string}) => void} [onError] YouTube's number, or the service's code
 */

const LOOK_MS = 250;
const SHOW_EVERY = 4;
// YouTube tells where it stands a few times a second.
const SLACK_S = 1;

export class EpisodeTracker {
  /** Resolved when the player is there. @type {Promise<void>} */ ready;
  #options;
  #api;
  #meter = new Meter(SLACK_S);
  #log = new WatchLog();
  #seen = new Seen();
  #attached = new AbortController();
  /** @type {import("./youtube.js").Player | null} */ #player = null;
  /** @type {string | null} */ #playbackToken = null;
  /** @type {{view_id: number, playback_token: string} | null} */ #view = null;
  /** @type {ReturnType<typeof setInterval> | null} */ #looking = null;
  #state = -1;
  #looks = 0;
  #hasPlayed = false;
  #hasEnded = false;
  #isUrgent = false;
  #isBusy = false;
  #isOver = false;
  #failures = 0;
  #notBefore = 0;
  #before = 0;
  #toldTotal = -1;
  #startedAt = "";

  /**
   * @param {HTMLElement} element the player takes its place
   * @param {EpisodeOptions} options
   */
  constructor(element, options) {
    this.#options = options;
    this.#api = new EpisodeApi(options);
    this.ready = this.#open(element);
    // Whoever waits for it hears of a failure; others have `onError`.
    this.ready.catch(() => {});
    const { signal } = this.#attached;
    globalThis.addEventListener?.("pagehide", () => this.#leave(), { signal });
    globalThis.document?.addEventListener("visibilitychange", () => this.#hurry(), { signal });
    globalThis.addEventListener?.("online", () => (this.#notBefore = 0), { signal });
  }

  /** Seconds of the content that were played in this view: what was jumped over is not in it, what was played twice is twice. */
  get totalSeconds() {
    return this.#meter.seconds - this.#before;
  }

  /** Seconds of the content that were seen at least once since the player was opened. */
  get uniqueSeconds() {
    return this.#seen.seconds;
  }

  /** Report the rest, and remove the player. */
  destroy() {
    this.#leave();
    this.#isOver = true;
    this.#attached.abort();
    if (this.#looking) clearInterval(this.#looking);
    this.#player?.destroy();
  }

  /** @param {HTMLElement} element */
  async #open(element) {
    const [answer, youTube] = await Promise.all([this.#play(), loadYouTube(this.#options.scriptUrl ?? PLAYER_SCRIPT)]).catch((error) => {
      this.#options.onError?.({ code: error.code ?? "PLAYER", error: error.message });
      throw error;
    });
    if (this.#isOver) return;
    await new Promise((resolve) => {
      this.#player = new youTube.Player(element, {
        ...this.#options.playerOptions,
        videoId: answer.video_id,
        // YouTube counts what is started with its own button.
        playerVars: { playsinline: 1, origin: location.origin, ...this.#options.playerVars, autoplay: 0, controls: 1 },
        events: {
          onReady: resolve,
          onStateChange: (/** @type {{data: number}} */ event) => this.#changed(event.data),
          onPlaybackRateChange: () => this.#look(),
          onError: (/** @type {{data: number}} */ event) =>
            this.#options.onError?.({ code: event.data, error: "The player cannot play this" }),
        },
      });
    });
  }

  async #play() {
    const answer = await this.#api.play(this.#options.episodeId);
    if (answer.status !== 200) throw Object.assign(new Error(answer.body?.error ?? "Nobody was reached"), { code: answer.body?.code ?? answer.status });
    this.#playbackToken = answer.body.playback_token;
    return answer.body;
  }

  /** @param {number} state */
  #changed(state) {
    this.#state = state;
    this.#look();
    if (state === PLAYING) {
      this.#hasPlayed = true;
      this.#startedAt ||= new Date().toISOString();
      this.#looking ??= setInterval(() => this.#tick(), LOOK_MS);
    } else if (state !== BUFFERING) this.#hurry();
    if (state === ENDED) this.#hasEnded = true;
    this.#show();
    void this.#work();
  }

  #tick() {
    this.#look();
    if (++this.#looks % SHOW_EVERY === 0) this.#show();
    void this.#work();
    const isIdle = this.#state !== PLAYING && this.#log.isEmpty && !this.#mustComplete();
    if (!isIdle || !this.#looking || !this.#view) return;
    clearInterval(this.#looking);
    this.#looking = null;
  }

  #look() {
    if (!this.#player) return;
    const stretch = this.#meter.look(this.#player.getCurrentTime(), this.#state === PLAYING, this.#player.getPlaybackRate());
    if (!stretch) return;
    this.#log.add(stretch);
    this.#seen.add(stretch);
  }

  #show() {
    const position = this.#player?.getCurrentTime() ?? 0;
    this.#options.onState?.({ playerState: this.#state, position, totalSeconds: this.totalSeconds, uniqueSeconds: this.uniqueSeconds });
  }

  #hurry() {
    this.#isUrgent = true;
    void this.#work();
  }

  /** One call at a time, the most needed first. */
  async #work() {
    if (this.#isBusy || this.#isOver || !this.#hasPlayed || performance.now() < this.#notBefore) return;
    this.#isBusy = true;
    const didSomething = await this.#next().finally(() => (this.#isBusy = false));
    if (!didSomething) this.#isUrgent &&= !this.#log.isEmpty;
  }

  /** @returns {Promise<boolean>} whether there was something to do */
  async #next() {
    if (!this.#view) return this.#start();
    const stretch = this.#log.next(this.#isUrgent);
    if (stretch) return this.#beat(stretch);
    if (this.#mustComplete()) return this.#complete();
    return false;
  }

  #mustComplete() {
    return this.#hasEnded && this.totalSeconds > this.#toldTotal && this.#state !== PLAYING;
  }

  async #start() {
    if (!this.#playbackToken) await this.#play().catch((error) => this.#fail(error));
    if (!this.#playbackToken) return true;
    const body = {
      episode_id: Number(this.#options.episodeId),
      playback_token: this.#playbackToken,
      started_at: this.#startedAt,
      ...(this.#options.deviceId && { device_id: this.#options.deviceId }),
    };
    const answer = await this.#tell("start", body);
    if (answer.status < 300 && answer.status) this.#begin(answer.body.view_id);
    // The token has run out while nobody played.
    else if (answer.status === 400) this.#playbackToken = null;
    return true;
  }

  /** @param {number} viewId */
  #begin(viewId) {
    this.#view = { view_id: viewId, playback_token: this.#playbackToken ?? "" };
    this.#toldTotal = -1;
    this.#log.begin();
  }

  /** @param {import("./meter.js").Stretch} stretch */
  async #beat(stretch) {
    const answer = await this.#tell("heartbeat", this.#beatOf(stretch));
    if (mayRetry(answer.status) || answer.status === 409) this.#log.putBack(stretch);
    if (answer.status === 409) this.#anew();
    return true;
  }

  /** A view takes reports for a day; what comes after is another. */
  #anew() {
    this.#view = null;
    this.#playbackToken = null;
    this.#startedAt = new Date().toISOString();
    this.#before = this.#meter.seconds;
  }

  async #complete() {
    const total = this.totalSeconds;
    const answer = await this.#tell("complete", this.#completeOf(true));
    if (answer.status === 200) this.#toldTotal = total;
    return true;
  }

  /** The page goes away: everything at once, as far as the limit allows. */
  #leave() {
    this.#look();
    if (!this.#view) return;
    for (let stretch = this.#log.next(true); stretch; stretch = this.#log.next(true)) {
      void this.#tell("heartbeat", this.#beatOf(stretch));
    }
    if (this.totalSeconds > this.#toldTotal) void this.#tell("complete", this.#completeOf(this.#hasEnded));
    this.#toldTotal = this.totalSeconds;
  }

  /** @param {import("./meter.js").Stretch} stretch */
  #beatOf({ from, to }) {
    const state = this.#state === PLAYING ? "playing" : this.#state === BUFFERING ? "buffering" : "paused";
    return { ...this.#view, seconds_watched: rounded(to - from), player_state: state, position_seconds: rounded(to) };
  }

  /** @param {boolean} completed */
  #completeOf(completed) {
    return { ...this.#view, total_seconds: rounded(this.totalSeconds), completed };
  }

  /** @param {"start" | "heartbeat" | "complete"} call @param {object} body @returns {Promise<Answer>} */
  async #tell(call, body) {
    const answer = await this.#api.tell(call, body);
    this.#options.onAnswer?.({ call, body, answer });
    if (answer.status >= 200 && answer.status < 300) this.#failures = 0;
    else this.#fail({ ...answer.body, status: answer.status, retryAfterMs: answer.retryAfterMs });
    return answer;
  }

  /** @param {any} failure */
  #fail({ status = 0, retryAfterMs = null, code, error, message }) {
    this.#notBefore = performance.now() + pauseAfter(++this.#failures, retryAfterMs);
    if (mayRetry(status) || status === 400 || status === 409) return;
    this.#isOver = true;
    this.#options.onError?.({ code: code ?? status, error: error ?? message });
  }
}

/** @param {number} seconds @returns {number} to the millisecond */
function rounded(seconds) {
  return Math.round(seconds * 1000) / 1000;
}
