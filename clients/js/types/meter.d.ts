/** Tells from where a player stands what was really heard or seen. */
/** @typedef {{from: number, to: number}} Stretch in seconds of the content */
export class Meter {
    /**
     * @param {number} [slack] how many seconds a player may be ahead of the clock without having jumped
     * @param {() => number} [now] ms
     */
    constructor(slack?: number, now?: () => number);
    /** Content played, in seconds; what was jumped over is not in it, what was played twice is in it twice. */
    seconds: number;
    /** Time spent listening, in ms. */
    listenedMs: number;
    /**
     * Look at the player, often enough: four times a second.
     * @param {number} position seconds
     * @param {boolean} plays whether it plays from here on
     * @param {number} [rate] from here on
     * @returns {Stretch | null} what was played since the last look
     */
    look(position: number, plays: boolean, rate?: number): Stretch | null;
    /** The player was moved: what comes next begins anew. */
    cut(): void;
    #private;
}
/**
 * in seconds of the content
 */
export type Stretch = {
    from: number;
    to: number;
};
