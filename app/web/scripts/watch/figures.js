/** What is known of who watched an episode: numbers, how many stay, and what is played again. */

import { draw } from "../shared/charts.js";
import { element } from "../shared/elements.js";
import { duration, fine, number, percent } from "../shared/format.js";
import { empty, failed } from "../shared/states.js";
import { metrics, retention } from "./series.js";

const NAMES = /** @type {const} */ ([
  ["view_count", "Views", number],
  ["unique_viewers", "Viewers", number],
  ["total_watch_time", "Watched in all", duration],
  ["unique_seconds", "Without repeats", duration],
  ["completion_rate", "Seen to the end", percent],
]);

/** Numbers and charts of an episode, and how to load them again. */
export class Figures {
  /** @param {string} episodeId */
  constructor(episodeId) {
    this._id = episodeId;
    this._numbers = new Map(NAMES.map(([key]) => [key, element("dd", {}, "–")]));
    this._stay = element("div.chart-place");
    this._again = element("div.chart-place");
    this._fault = element("div");
    const figures = NAMES.map(([key, name]) => element("div.figure", {}, element("dt", {}, name), this._numbers.get(key)));
    this.numbers = element("dl.figures", { "aria-label": "Who watched it" }, ...figures);
    this.charts = element(
      "section.stage",
      { "aria-label": "What of it was watched" },
      this._fault,
      element(
        "div.pair",
        {},
        card("How many stay", "The share of views that saw each moment.", this._stay),
        card("What is played again", "Plays of each moment per view; above one, people went back.", this._again),
      ),
    );
  }

  /** Load and show what is known now. */
  async load() {
    try {
      const [known, curve] = await Promise.all([metrics(this._id), retention(this._id)]);
      this._fault.replaceChildren();
      for (const [key, , write] of NAMES) this._numbers.get(key)?.replaceChildren(write(known[key]));
      await this._draw(curve);
    } catch (error) {
      this._fault.replaceChildren(failed(error, () => this.load()));
    }
  }

  async _draw({ points, views }) {
    if (views === 0) {
      for (const place of [this._stay, this._again]) place.replaceChildren(empty("Nothing to draw yet", "The curves follow within a minute of the first view."));
      return;
    }
    const x = points.map((point) => point.at_seconds);
    const axis = { x, time: false, formatX: duration, formatAxis: duration, heading: "At" };
    const stay = points.map((point) => point.retention * 100);
    const again = points.map((point) => point.heat);
    await draw(this._stay, { ...axis, title: "How many stay", formatY: percent, series: [{ label: "Views that saw it", values: stay, format: percent }] });
    await draw(this._again, { ...axis, title: "What is played again", formatY: fine, series: [{ label: "Plays per view", values: again, format: fine, kind: "bars" }] });
  }
}

function card(title, text, place) {
  return element("div.card.chart-card", {}, element("h2", {}, title), element("p.soft.small", {}, text), place);
}
