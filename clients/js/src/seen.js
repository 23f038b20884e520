/** Which stretches of the content were seen at least once. */

/** @typedef {import("./meter.js").Stretch} Stretch */

export class Seen {
  /** Apart from each other and in order. @type {Stretch[]} */ #stretches = [];

  get seconds() {
    return this.#stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  /** @param {Stretch} stretch */
  add({ from, to }) {
    const touching = this.#stretches.filter((one) => one.from <= to && one.to >= from);
    const apart = this.#stretches.filter((one) => !touching.includes(one));
    const merged = {
      from: Math.min(from, ...touching.map((one) => one.from)),
      to: Math.max(to, ...touching.map((one) => one.to)),
    };
    this.#stretches = [...apart, merged].sort((one, other) => one.from - other.from);
  }
}
