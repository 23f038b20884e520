/** The chart of a range: plays with listeners, reactions, or how much is heard. */

import { draw } from "../shared/charts.js";
import { percent } from "../shared/format.js";
import { axisName, longName } from "../shared/periods.js";
import { empty, failed } from "../shared/states.js";

/** @type {Record<string, {title: string, unit?: "percent", lines: [string, string][]}>} */
const METRICS = {
  plays: { title: "Plays and listeners", lines: [["Plays", "totalPlays"], ["Listeners", "uniquePlays"]] },
  reactions: {
    title: "Likes, saves, shares and downloads",
    lines: [["Likes", "totalLikes"], ["Saves", "totalSaves"], ["Shares", "totalShares"], ["Downloads", "totalDownloads"]],
  },
  quality: { title: "How much is heard, and how often it is skipped", unit: "percent", lines: [["Completion", "avgCompletionRate"], ["Skips", "skipRate"]] },
};

/**
 * @param {HTMLElement} place
 * @param {any} series an answer of `…/timeseries`
 * @param {string} metric
 * @param {string} whose
 */
export async function showCourse(place, series, metric, whose) {
  const { title, unit, lines } = METRICS[metric];
  const points = series.points;
  const nothing = points.every((point) => lines.every(([, field]) => !point[field]));
  if (nothing) {
    place.replaceChildren(empty("Nothing in this range", "Choose a longer range, or share a track and come back."));
    return;
  }
  await draw(place, {
    title: `${title}: ${whose}`,
    heading: "Period",
    time: false,
    isOpen: true,
    x: points.map((_point, index) => index),
    formatAxis: (index) => (points[index] ? axisName(points[index].start, series.granularity) : ""),
    formatX: (index) => longName(points[index].start, series.granularity),
    formatY: unit === "percent" ? percent : undefined,
    series: lines.map(([label, field]) => line(label, points, field, unit)),
  }).catch((error) => place.replaceChildren(failed(error)));
}

/** A share of no plays is no share: the line has a gap there. */
function line(label, points, field, unit) {
  const values = points.map((point) => (unit === "percent" && !point.totalPlays ? null : point[field]));
  return { label, values, ...(unit === "percent" ? { format: percent } : {}) };
}
