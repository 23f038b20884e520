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
    /** @param {CollectorOptions} [options] */
    constructor(options?: CollectorOptions);
    sessionId: string;
    /** Events in memory that have not been sent. */
    get size(): number;
    /**
     * Note what happened. It returns at once and never blocks.
     * @param {StatsEvent} event
     * @returns {string} its id
     * @throws {TypeError} when it has no type or no track
     */
    track(event: StatsEvent): string;
    /**
     * Send what there is now, unless the service has asked to wait.
     * @returns {Promise<void>} when all was sent, or could not be
     */
    flush(): Promise<void>;
    /**
     * Have something done when the page is about to go, before the rest is sent.
     * @param {() => void} work
     * @returns {() => void} ends it
     */
    beforeHide(work: () => void): () => void;
    /** Send the rest and listen no more. */
    close(): void;
    #private;
}
export type Entry = import("./pieces.js").Entry;
export type Piece = import("./pieces.js").Piece;
export type Answer = import("./asking.js").Answer;
export type Source = "landing" | "playlist" | "search" | "direct" | "share" | "player";
export type Platform = "twitter" | "facebook" | "instagram" | "whatsapp" | "copy_link" | "embed";
export type StatsEvent = {
    type: "play" | "like" | "save" | "share" | "download";
    trackId: string;
    /**
     * the collector's own when missing
     */
    sessionId?: string | undefined;
    /**
     * made when missing
     */
    eventId?: string | undefined;
    /**
     * now when missing
     */
    timestamp?: string | number | undefined;
    source?: Source | undefined;
    /**
     * play: seconds
     */
    duration?: number | undefined;
    /**
     * play: 0 to 100
     */
    completionRate?: number | undefined;
    /**
     * play
     */
    skipped?: boolean | undefined;
    /**
     * play
     */
    replayed?: boolean | undefined;
    /**
     * play, save
     */
    playlistId?: string | undefined;
    /**
     * like, save
     */
    action?: "like" | "save" | "unlike" | "unsave" | undefined;
    /**
     * share
     */
    platform?: Platform | undefined;
};
export type CollectorOptions = {
    /**
     * where the service is; the page's own origin when missing
     */
    url?: string | undefined;
    /**
     * without one, events are nobody's
     */
    getToken?: import("./asking.js").GetToken | undefined;
    sessionId?: string | undefined;
    /**
     * 50
     */
    batchSize?: number | undefined;
    /**
     * 5,000
     */
    flushMs?: number | undefined;
    /**
     * 1,000; what is more goes to localStorage, and where there is none the oldest go
     */
    maxQueue?: number | undefined;
    /**
     * hears of every request
     */
    onAnswer?: ((sent: {
        events: StatsEvent[];
        answer: Answer;
    }) => void) | undefined;
    /**
     * hears of events that are given up
     */
    onDrop?: ((count: number, reason: string) => void) | undefined;
};
