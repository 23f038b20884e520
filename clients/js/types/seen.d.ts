/** Which stretches of the content were seen at least once. */
/** @typedef {import("./meter.js").Stretch} Stretch */
export class Seen {
    get seconds(): number;
    /** @param {Stretch} stretch */
    add({ from, to }: Stretch): void;
    #private;
}
export type Stretch = import("./meter.js").Stretch;
