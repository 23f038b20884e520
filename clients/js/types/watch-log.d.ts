export class WatchLog {
    /** @param {() => number} [now] ms */
    constructor(now?: () => number);
    /** A view begins at this moment. */
    begin(): void;
    get isEmpty(): boolean;
    /** @param {Stretch} stretch */
    add({ from, to }: Stretch): void;
    /**
     * @param {boolean} now rather at once than every 15 seconds; the limit of four a minute holds
     * @returns {Stretch | null} what to report, taken out
     */
    next(now: boolean): Stretch | null;
    /** It did not arrive. @param {Stretch} stretch */
    putBack(stretch: Stretch): void;
    #private;
}
export type Stretch = import("./meter.js").Stretch;
