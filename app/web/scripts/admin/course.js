/** Plays and listeners of everything over time, and who plays without being a person. */

import { data, withQuery } from "../shared/api.js";
import { draw } from "../shared/charts.js";
import { savesOnClick } from "../shared/files.js";
import { ranked, tile } from "../shared/figures.js";
import { compact } from "../shared/format.js";
import { RANGES, axisName, choice, longName } from "../shared/periods.js";
import { empty, failed, loading } from "../shared/states.js";

const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const range = choice(at("range"), () => load());
const query = () => ({ timeRange: range(), granularity: RANGES[range()].granularity });

let turn = 0;
savesOnClick(/** @type {HTMLButtonElement} */ (at("csv")), () => withQuery("/api/stats/analytics/timeseries", { ...query(), format: "csv" }));

/** @returns {() => void} ends it */
export function startCourse() {
  at("course").replaceChildren(loading(8));
  at("bots").replaceChildren(loading(5));
  at("tile-plays").replaceChildren(tile({ label: "Plays", value: "–" }));
  load();
  return () => { turn += 1; };
}

async function load() {
  const mine = ++turn;
  try {
    const series = await data(withQuery("/api/stats/analytics/timeseries", query()));
    if (mine !== turn) return;
    showPlays(series);
    await showCourse(series);
  } catch (error) {
    if (mine === turn) at("course").replaceChildren(failed(error, load));
  }
  await loadBots(mine);
}

function showPlays({ points, timeRange }) {
  const plays = points.map((point) => point.totalPlays);
  const all = plays.reduce((sum, one) => sum + one, 0);
  at("tile-plays").replaceChildren(tile({ label: "Plays", value: compact(all), note: RANGES[timeRange].name.toLowerCase(), course: plays.slice(0, -1) }));
}

async function showCourse(series) {
  const { points, granularity } = series;
  if (points.every((point) => point.totalPlays === 0)) {
    at("course").replaceChildren(empty("No plays in this range", "They appear here with the first event that is reported."));
    return;
  }
  await draw(at("course"), {
    title: "Plays and listeners of everything",
    heading: "Period",
    time: false,
    isOpen: true,
    x: points.map((_point, index) => index),
    formatAxis: (index) => (points[index] ? axisName(points[index].start, granularity) : ""),
    formatX: (index) => longName(points[index].start, granularity),
    series: [
      { label: "Plays", values: points.map((point) => point.totalPlays) },
      { label: "Listeners", values: points.map((point) => point.uniquePlays) },
    ],
  });
}

async function loadBots(mine) {
  try {
    const { bots } = await data(withQuery("/api/admin/stats/bots", { timeRange: range() }));
    if (mine !== turn) return;
    const counts = Object.fromEntries(bots.map((bot) => [bot.reason, bot.plays]));
    at("bots").replaceChildren(bots.length > 0 ? ranked(counts, { name: nameOf, most: 6 }) : empty("No bots in this range", "Known programs are stored, and kept out of every count."));
  } catch (error) {
    if (mine === turn) at("bots").replaceChildren(failed(error, load));
  }
}

const nameOf = (reason) => reason.replace(/^user_agent: /, "").replace(/^velocity: /, "Too fast: ");
