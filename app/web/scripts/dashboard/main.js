/** The artist's dashboard: loads what the range asks for, and lets every panel show its part. */

import { ApiError, data, withQuery } from "../shared/api.js";
import { counted } from "../shared/format.js";
import { savesOnClick } from "../shared/files.js";
import { RANGES, choice } from "../shared/periods.js";
import { current, onSessionChange } from "../shared/session.js";
import { failed, loading } from "../shared/states.js";
import { follow } from "./activity.js";
import { showCourse } from "./course.js";
import { hideGate, showGate } from "./gate.js";
import { countListeners } from "./listeners.js";
import { showApart, showBreakdowns, showEngagement, showListening, showTiles, showTop } from "./panels.js";

const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const PLACES = { tiles: 4, course: 8, sources: 5, platforms: 5, countries: 5, top: 6, recent: 6, engagement: 4, listening: 4, apart: 4 };

const trackChoice = /** @type {HTMLSelectElement} */ (at("track"));
const range = choice(at("range"), () => load());
const metric = choice(at("metric"), () => drawCourse());

/** @type {any} */
let series = null;
let turn = 0;
let endActivity = () => {};
/** @type {((trackIds: string[]) => void) | null} */
let watchListeners = null;

function start() {
  endActivity();
  if (!current()) return showGate("signed-out");
  hideGate();
  for (const [id, lines] of Object.entries(PLACES)) at(id).replaceChildren(loading(lines));
  endActivity = follow(at("recent"), at("live"), refresh);
  return load();
}

/** Load all for the range; an answer that comes after the range was changed again is not shown. */
async function load() {
  const mine = ++turn;
  for (const id of Object.keys(PLACES)) at(id).setAttribute("aria-busy", "true");
  try {
    const [board, sums, course] = await Promise.all([ask("stats"), ask("analytics"), askCourse()]);
    if (mine !== turn) return;
    series = course;
    show(board, sums);
  } catch (error) {
    if (mine === turn) refuse(error);
  } finally {
    if (mine === turn) for (const id of Object.keys(PLACES)) at(id).removeAttribute("aria-busy");
  }
}

/** Somebody has listened: the numbers anew, and nothing when they cannot be had at the moment. */
async function refresh() {
  if (series) await load();
}

const ask = (part) => data(withQuery(`/api/dashboard/${part}`, { timeRange: range() }));
const courseQuery = () => ({ timeRange: range(), granularity: RANGES[range()].granularity, trackId: trackChoice.value });
const askCourse = () => data(withQuery("/api/dashboard/timeseries", courseQuery()));

function show(board, sums) {
  at("artist").textContent = board.artistProfile.name;
  at("period").textContent = `${RANGES[board.timeRange].name} · ${counted(board.overview.totalTracks, "track")}`;
  showTiles(at("tiles"), board, series);
  showBreakdowns({ sources: at("sources"), platforms: at("platforms"), countries: at("countries") }, sums);
  showTop(at("top"), board.topTracks);
  showEngagement(at("engagement"), board);
  showListening(at("listening"), sums);
  showApart(at("apart"), board);
  offerTracks(board.topTracks);
  watchListeners ??= countListeners(at("listening-now"));
  watchListeners(board.topTracks.map((track) => track.trackId));
  drawCourse();
}

/** The tracks that can be looked at alone: the best of the range, and the one that is chosen. */
function offerTracks(tracks) {
  const known = new Set([...trackChoice.options].map((option) => option.value));
  for (const track of tracks) if (!known.has(track.trackId)) trackChoice.append(new Option(track.title, track.trackId));
}

function drawCourse() {
  if (series) showCourse(at("course"), series, metric(), trackChoice.selectedOptions[0].text);
}

async function changeTrack() {
  const mine = ++turn;
  try {
    const course = await askCourse();
    if (mine !== turn) return;
    series = course;
    drawCourse();
  } catch (error) {
    if (mine === turn) at("course").replaceChildren(failed(error, changeTrack));
  }
}

/** @param {Error} error */
function refuse(error) {
  if (error instanceof ApiError && (error.status === 401 || error.status === 404)) {
    endActivity();
    showGate(error.status === 401 ? "signed-out" : "no-artist");
    return;
  }
  for (const id of ["tiles", ...Object.keys(PLACES).slice(2)]) at(id).replaceChildren();
  at("course").replaceChildren(failed(error, load));
}

trackChoice.addEventListener("change", changeTrack);
savesOnClick(/** @type {HTMLButtonElement} */ (at("csv-course")), () => withQuery("/api/dashboard/timeseries", { ...courseQuery(), format: "csv" }));
savesOnClick(/** @type {HTMLButtonElement} */ (at("csv-sums")), () => withQuery("/api/dashboard/analytics", { timeRange: range(), format: "csv" }));
onSessionChange(() => { trackChoice.replaceChildren(new Option("All tracks", "")); series = null; start(); });
start();
