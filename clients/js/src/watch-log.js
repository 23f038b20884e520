/** What was watched and is not reported yet, and when the next report may go. */

/** @typedef {import("./meter.js").Stretch} Stretch */

const BEAT_MS = 15_000;
const WINDOW_MS = 60_500;
const MOST_IN_WINDOW = 4;
const LONGEST_BEAT_S = 120;
const MOST_STRETCHES = 200;
const FASTEST = 2;

export class WatchLog {
  /** @type {Stretch[]} */ #stretches = [];
  /** @type {number[]} */ #sent = [];
  #since;
  #now;

  /** @param {() => number} [now] ms */
  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** A view begins at this moment. */
  begin() {
    this.#sent = [];
    this.#since = this.#now();
  }

  get isEmpty() {
    return this.#stretches.length === 0;
  }

  /** @param {Stretch} stretch */
  add({ from, to }) {
    const last = this.#stretches.at(-1);
    if (last && last.to === from) last.to = to;
    else this.#stretches.push({ from, to });
    if (this.#stretches.length > MOST_STRETCHES) this.#stretches.shift();
  }

  /**
   * @param {boolean} now rather at once than every 15 seconds; the limit of four a minute holds
   * @returns {Stretch | null} what to report, taken out
   */
  next(now) {
    const [first] = this.#stretches;
    const waited = this.#now() - this.#since;
    const isClosed = this.#stretches.length > 1;
    if (!first || !this.#hasRoom() || !(now || isClosed || waited >= BEAT_MS)) return null;
    const to = Math.min(first.to, first.from + LONGEST_BEAT_S);
    // The service believes no more than twice the time that has passed.
    if (waited < (1000 * (to - first.from)) / FASTEST && waited < BEAT_MS) return null;
    return this.#take(first, to);
  }

  /** It did not arrive. @param {Stretch} stretch */
  putBack(stretch) {
    this.#stretches.unshift(stretch);
  }

  /** @param {Stretch} first @param {number} to */
  #take(first, to) {
    const taken = { from: first.from, to };
    if (to === first.to) this.#stretches.shift();
    else first.from = to;
    this.#since = this.#now();
    this.#sent.push(this.#since);
    return taken;
  }

  #hasRoom() {
    const oldest = this.#now() - WINDOW_MS;
    this.#sent = this.#sent.filter((at) => at > oldest);
    return this.#sent.length < MOST_IN_WINDOW;
  }
}
