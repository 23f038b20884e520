/** Tells from where a player stands what was really heard or seen. */

/** @typedef {{from: number, to: number}} Stretch in seconds of the content */

export class Meter {
  /** Content played, in seconds; what was jumped over is not in it, what was played twice is in it twice. */
  seconds = 0;
  /** Time spent listening, in ms. */
  listenedMs = 0;
  #slack;
  #now;
  /** @type {{at: number, position: number, plays: boolean, rate: number} | null} */ #last = null;

  /**
   * @param {number} [slack] how many seconds a player may be ahead of the clock without having jumped
   * @param {() => number} [now] ms
   */
  constructor(slack = 0.5, now = () => performance.now()) {
    this.#slack = slack;
    this.#now = now;
  }

  /**
   * Look at the player, often enough: four times a second.
   * @param {number} position seconds
   * @param {boolean} plays whether it plays from here on
   * @param {number} [rate] from here on
   * @returns {Stretch | null} what was played since the last look
   */
  look(position, plays, rate = 1) {
    const last = this.#last;
    const at = this.#now();
    this.#last = { at, position, plays, rate };
    if (!last?.plays) return null;
    const played = position - last.position;
    const wall = (at - last.at) / 1000;
    const fastest = Math.max(rate, last.rate);
    if (played <= 0 || played > wall * fastest + this.#slack) return null;
    this.seconds += played;
    this.listenedMs += 1000 * Math.min(wall, played / Math.min(rate, last.rate));
    return { from: last.position, to: position };
  }

  /** The player was moved: what comes next begins anew. */
  cut() {
    this.#last = null;
  }
}
