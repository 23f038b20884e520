/** What the viewer has watched in this visit: seconds in all, seconds without repeats, and whether it is recorded. */

import { EpisodeTracker } from "../../client/index.js";
import { element } from "../shared/elements.js";
import { duration, timeOfDay } from "../shared/format.js";
import { bearer } from "../shared/session.js";
import { tenant } from "./series.js";

const NOT_YET = "Open the player and press play: what you watch is counted, second by second.";
const NO_COOKIES = "https://www.youtube-nocookie.com";

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

  /**
   * Put the player into a place, and follow it.
   * @param {HTMLElement} place
   * @param {(message: string) => void} onFault
   * @returns {Promise<void>} when the player is there
   */
  async open(place, onFault) {
    this._tracker?.destroy();
    this._tracker = new EpisodeTracker(place, {
      episodeId: this._episode.id,
      tenant: tenant() ?? "",
      getToken: bearer,
      scriptUrl: document.documentElement.dataset.playerScript,
      playerOptions: { host: NO_COOKIES, width: "100%", height: "100%" },
      playerVars: { rel: 0 },
      onState: ({ totalSeconds, uniqueSeconds }) => this._show(totalSeconds, uniqueSeconds),
      onAnswer: ({ answer }) => answer.status >= 200 && answer.status < 300 && this._recorded(),
      onError: ({ error, code }) => onFault(typeof code === "number" ? `${error} (${code})` : error),
    });
    await this._tracker.ready;
    this._note.textContent = "Press play.";
  }

  _show(total, unique) {
    this._total.textContent = duration(total);
    this._unique.textContent = duration(unique);
  }

  _recorded() {
    this._note.textContent = `Recorded at ${timeOfDay(new Date())}.`;
    this._onRecorded();
  }
}
