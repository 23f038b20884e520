/** What the viewer has watched in this visit: seconds in all, seconds without repeats, and whether it counts. */

import { element } from "../shared/elements.js";
import { duration } from "../shared/format.js";

const NOT_YET = "Open the player and press play: what you watch is counted, second by second.";

export class OwnWatch {
  /**
   * @param {import("./series.js").Episode} episode
   * @param {() => void} onRecorded hears that the service knows more now
   */
  constructor(episode, onRecorded) {
    this._episode = episode;
    this._onRecorded = onRecorded;
    this._total = element("b", {}, duration(0));
    this._unique = element("b", {}, duration(0));
    this._note = element("p.soft.small", { role: "status" }, NOT_YET);
    this.element = this._build();
  }

  _build() {
    const line = (name, value) => element("p.own-line", {}, name, value);
    const lines = [line("Watched", this._total), line("Without repeats", this._unique)];
    return element("section.card.own", { "aria-label": "Your watch" }, element("h2", {}, "Your watch"), ...lines, this._note);
  }

  /** Follow a player from now on. @param {any} _player */
  begin(_player) {
    this._note.textContent = "";
  }
}
