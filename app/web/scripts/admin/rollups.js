/** How far rollups are behind. */

import { data } from "../shared/api.js";
import { tile } from "../shared/figures.js";
import { counted, date, number } from "../shared/format.js";
import { every } from "../shared/polling.js";

const place = /** @type {HTMLElement} */ (document.getElementById("tile-lag"));
const KEPT = 60;

/** @returns {() => void} ends it */
export function startRollups() {
  const lags = /** @type {number[]} */ (Array(KEPT).fill(0));
  show("–", "looking", lags);
  return every(5, async () => {
    try {
      const lag = await data("/api/admin/stats/rollups");
      lags.push(lag.lagSeconds);
      lags.shift();
      show(`${number(Math.round(lag.lagSeconds))} s`, sentence(lag), lags);
    } catch (error) {
      show("–", error.message, lags);
      throw error;
    }
  });
}

function sentence({ days, tracks, complete, coveredFrom }) {
  if (days === 0) return coveredFrom ? `none due; since ${date(coveredFrom)}` : "none due";
  return `${counted(days, "day")} of ${complete ? "" : "more than "}${counted(tracks, "track")} due`;
}

function show(value, note, course) {
  place.replaceChildren(tile({ label: "Rollup lag", value, note, course }));
}
