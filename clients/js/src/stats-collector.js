/** Collects plays, likes, saves, shares and downloads, and sees to it that each arrives, once. */

import { ask, mayRetry, pauseAfter } from "./asking.js";
import { Kept } from "./kept.js";
import { alone } from "./one-tab.js";
import { newId, newSessionId, userOf } from "./people.js";
import { asBody, entryOf, firstPiece, MOST_BYTES, piecesOf } from "./pieces.js";

/** @typedef {import("./pieces.js").Entry} Entry */
/** @typedef {import("./pieces.js").Piece} Piece */
/** @typedef {import("./asking.js").Answer} Answer */

/** @typedef {"landing" | "playlist" | "search" | "direct" | "share" | "player"} Source */
/** @typedef {"twitter" | "facebook" | "instagram" | "whatsapp" | "copy_link" | "embed"} Platform */

/**
 * @typedef {object} StatsEvent
 * @property {"play" | "like" | "save" | "share" | "download"} type
 * @property {string} trackId
 * @property {string} [sessionId] the collector's own when missing
 * @property {string} [eventId] made when missing
 * @property {string | number} [timestamp] now when missing
 * @property {Source} [source]
 * @property {number} [duration] play: seconds
 * @property {number} [completionRate] play: 0 to 100
 * @property {boolean} [skipped] play
 * @property {boolean} [replayed] play
 * @property {string} [playlistId] play, save
 * @property {"like" | "unlike" | "save" | "unsave"} [action] like, save
 * @property {Platform} [platform] share
 */

/**
 * @typedef {object} CollectorOptions
 * @property {string} [url] where the service is; the page's own origin when missing
 * @property {import("./asking.js").GetToken} [getToken] without one, events are nobody's
 * @property {string} [sessionId]
 * @property {number} [batchSize] 50
 * @property {number} [flushMs] 5,000
 * @property {number} [maxQueue] 1,000; what is more goes to localStorage, and where there is none the oldest go
 * @property {(sent: {events: StatsEvent[], answer: Answer}) => void} [onAnswer] hears of every request
 * @property {(count: number, reason: string) => void} [onDrop] hears of events that are given up
 */

export class StatsCollector {
  sessionId;
  /** @type {Entry[]} */ #queue = [];
  /** @type {(Piece & {key?: string | null}) | null} */ #inFlight = null;
  /** @type {Promise<void> | null} */ #sending = null;
  /** @type {ReturnType<typeof setTimeout> | null} */ #timer = null;
  /** @type {string | null | undefined} nothing as long as it has not been read */ #token = undefined;
  /** @type {string | null} */ #refused = null;
  /** @type {Set<() => void>} */ #beforeHide = new Set();
  #failures = 0;
  #notBefore = 0;
  #quietUntil = 0;
  #isClosed = false;
  #listening = new AbortController();
  #options;
  #endpoint;
  #kept;

  /** @param {CollectorOptions} [options] */
  constructor(options = {}) {
    this.#options = { batchSize: 50, flushMs: 5000, maxQueue: 1000, ...options };
    this.#endpoint = `${options.url ?? ""}/api/stats/events`;
    this.#kept = new Kept(this.#endpoint, (count, reason) => this.#drop(count, reason));
    this.sessionId = options.sessionId ?? newSessionId();
    this.#listen();
    void this.#readToken();
    if (this.#kept.keys().length) this.#wakeIn(0);
  }

  /** Events in memory that have not been sent. */
  get size() {
    return this.#queue.length + (this.#inFlight?.entries.length ?? 0);
  }

  /**
   * Note what happened. It returns at once and never blocks.
   * @param {StatsEvent} event
   * @returns {string} its id
   * @throws {TypeError} when it has no type or no track
   */
  track(event) {
    if (!event?.type || !event.trackId) throw new TypeError("An event has a type and a trackId");
    const { eventId = newId(), sessionId = this.sessionId, timestamp = new Date().toISOString() } = event;
    void this.#readToken();
    const entry = entryOf({ ...event, eventId, sessionId, timestamp }, this.#user());
    if (entry.bytes + 2 > MOST_BYTES) this.#drop(1, "too large");
    else this.#queue.push(entry);
    if (this.#queue.length > this.#options.maxQueue) this.#spill();
    this.#wakeIn(this.#queue.length >= this.#options.batchSize ? 0 : this.#options.flushMs);
    return eventId;
  }

  /**
   * Send what there is now, unless the service has asked to wait.
   * @returns {Promise<void>} when all was sent, or could not be
   */
  flush() {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
      if (this.#failures) this.#wakeIn(0);
      else if (this.#queue.length) this.#wakeIn(this.#options.flushMs);
    });
    return this.#sending;
  }

  /**
   * Have something done when the page is about to go, before the rest is sent.
   * @param {() => void} work
   * @returns {() => void} ends it
   */
  beforeHide(work) {
    this.#beforeHide.add(work);
    return () => this.#beforeHide.delete(work);
  }

  /** Send the rest and listen no more. */
  close() {
    this.#hide(true);
    this.#isClosed = true;
    this.#listening.abort();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #listen() {
    const { signal } = this.#listening;
    globalThis.addEventListener?.("pagehide", () => this.#leave(), { signal });
    globalThis.addEventListener?.("online", () => this.#hurry(), { signal });
    globalThis.addEventListener?.("pageshow", () => this.#wakeIn(0), { signal });
    globalThis.addEventListener?.("storage", (event) => this.#kept.has(event.key) && this.#wakeIn(this.#options.flushMs), { signal });
    globalThis.document?.addEventListener("visibilitychange", () => this.#seen(), { signal });
  }

  #seen() {
    if (document.visibilityState === "hidden") this.#hide();
    else this.#wakeIn(0);
  }

  #leave() {
    for (const work of this.#beforeHide) work();
    this.#hide();
  }

  #hurry() {
    this.#notBefore = 0;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#wakeIn(0);
  }

  /** @param {number} ms */
  #wakeIn(ms) {
    if (this.#isClosed || (this.#timer && ms > 0)) return;
    if (this.#timer) clearTimeout(this.#timer);
    const wait = Math.max(ms, this.#notBefore - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, wait);
  }

  async #send() {
    while (this.#queue.length && this.#mayAsk()) {
      const count = firstPiece(this.#queue, this.#options.batchSize);
      await this.#sendPiece({ owner: this.#queue[0].owner, entries: this.#queue.splice(0, count) });
    }
    if (this.#mayAsk() && this.#kept.keys().length) {
      await alone(`playledger.sending:${this.#endpoint}`, () => this.#sendKept());
    }
  }

  #mayAsk() {
    return !this.#isClosed && Date.now() >= this.#notBefore;
  }

  /** @param {Piece & {key?: string | null}} piece */
  async #sendPiece(piece) {
    this.#inFlight = piece;
    const isSettled = await this.#ask(piece);
    this.#inFlight = null;
    // When the page was hidden meanwhile, the piece has been kept, and waits there.
    if (isSettled) this.#kept.remove(piece.key ?? null);
    else if (!piece.key) this.#queue.unshift(...piece.entries);
  }

  async #sendKept() {
    for (const key of this.#kept.keys()) {
      const piece = this.#kept.take(key);
      if (piece && !(await this.#ask(piece))) return;
      this.#kept.remove(key);
    }
  }

  /** @param {Piece} piece @param {boolean} [keepalive] @returns {Promise<boolean>} whether it need not be sent again */
  async #ask(piece, keepalive) {
    // A page that goes away does not come back from a wait.
    if (!keepalive) await this.#readToken();
    const token = this.#tokenFor(piece);
    const answer = await ask(this.#endpoint, { token, body: asBody(piece.entries), keepalive });
    this.#options.onAnswer?.({ events: piece.entries.map((entry) => JSON.parse(entry.json)), answer });
    if (answer.status === 401 && token) this.#refused = token;
    else if (!mayRetry(answer.status)) return this.#settle(piece, answer);
    this.#notBefore = Date.now() + pauseAfter(++this.#failures, answer.retryAfterMs);
    if (answer.retryAfterMs) this.#quietUntil = this.#notBefore;
    return false;
  }

  /** @param {Piece} piece @param {Answer} answer */
  #settle(piece, answer) {
    this.#failures = 0;
    if (answer.status >= 300) this.#drop(piece.entries.length, answer.body?.code ?? `${answer.status}`);
    for (const { index, code } of answer.body?.results ?? []) {
      if (code === "TOO_NEW") this.#undate(piece.entries[index]);
    }
    return true;
  }

  /** The clock of this machine is ahead: let the service's own say when it was. @param {Entry | undefined} entry */
  #undate(entry) {
    if (!entry) return;
    const { timestamp, ...event } = JSON.parse(entry.json);
    if (timestamp) this.#queue.push(entryOf(event, entry.owner));
  }

  /** What was done by somebody else is sent as nobody's. @param {Piece} piece */
  #tokenFor(piece) {
    const isTheirs = this.#token && this.#token !== this.#refused && userOf(this.#token) === piece.owner;
    return isTheirs ? this.#token : null;
  }

  /** Keep what waits, and let the browser send it. @param {boolean} [pageStays] */
  #hide(pageStays) {
    const waiting = this.#queue;
    this.#queue = [];
    if (this.#inFlight && !this.#inFlight.key) this.#part(this.#inFlight, pageStays);
    for (const piece of piecesOf(waiting)) {
      if (!this.#part(piece, pageStays)) this.#queue.push(...piece.entries);
    }
    if (waiting.length) this.#wakeIn(this.#options.flushMs);
  }

  /** @param {Piece & {key?: string | null}} piece @param {boolean} [pageStays] @returns {boolean} whether it is kept */
  #part(piece, pageStays) {
    const key = (piece.key = this.#kept.put(piece));
    if (Date.now() < this.#quietUntil) return key !== null;
    // A beacon carries no token, and so nobody's name; and nobody learns what became of it.
    if (pageStays || this.#tokenFor(piece)) {
      void this.#ask(piece, true).then((isSettled) => isSettled && this.#kept.remove(key));
    } else {
      globalThis.navigator?.sendBeacon?.(this.#endpoint, new Blob([asBody(piece.entries)], { type: "text/plain" }));
    }
    return key !== null;
  }

  #spill() {
    const [first] = piecesOf(this.#queue.slice(0, this.#options.maxQueue / 2));
    const count = this.#kept.put(first) ? first.entries.length : 1;
    this.#queue.splice(0, count);
    if (count === 1) this.#drop(1, "overflow");
  }

  async #readToken() {
    let token = null;
    try {
      const given = this.#options.getToken?.();
      token = given instanceof Promise ? await given : given;
    } catch {
      // Nobody is signed in then.
    }
    const wasUnknown = this.#token === undefined;
    this.#token = token ?? null;
    if (wasUnknown) for (const entry of this.#queue) entry.owner = this.#user();
  }

  #user() {
    return userOf(this.#token);
  }

  /** @param {number} count @param {string} reason */
  #drop(count, reason) {
    this.#options.onDrop?.(count, reason);
  }
}
