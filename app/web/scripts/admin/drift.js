/** Whether what is stored equals a recount: looked at once, and again on demand. */

import { data } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { facts, mark, tile } from "../shared/figures.js";
import { number, timeOfDay } from "../shared/format.js";
import { failed, loading } from "../shared/states.js";

const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = /** @type {HTMLButtonElement} */ (at("check-drift"));
const SHOWN = 4;

button.addEventListener("click", () => check());

/** @returns {() => void} ends it */
export function startDrift() {
  at("drift").replaceChildren(loading(4, "Comparing"));
  show("–", "comparing");
  check();
  return () => {};
}

async function check() {
  button.disabled = true;
  at("drift").setAttribute("aria-busy", "true");
  try {
    const [stats, jobs] = await Promise.all([data("/api/admin/stats/drift"), data("/api/admin/jobs")]);
    showFound(stats, songsOf(jobs));
  } catch (error) {
    at("drift").replaceChildren(failed(error, check));
    show("–", error.message);
  } finally {
    button.disabled = false;
    at("drift").removeAttribute("aria-busy");
  }
}

/** What the last comparison of songs has found; it runs every night. */
function songsOf({ jobs }) {
  return jobs.find((job) => job.name === "reconcile")?.runs.find((run) => run.outcome === "done") ?? null;
}

function showFound(stats, songs) {
  const all = stats.drift + stats.rollups.drift + (songs?.summary.drift ?? 0);
  const verdict = all === 0 ? mark("Everything adds up", "good") : mark(`${number(all)} off; the nightly job repairs it`, "bad");
  const pairs = /** @type {[string, string][]} */ ([
    ["Tracks compared", number(stats.tracks)],
    ["Counters off", number(stats.drift)],
    ["Buckets compared", number(stats.rollups.buckets)],
    ["Buckets off", number(stats.rollups.drift)],
    ["Songs off, last night", songs ? number(songs.summary.drift) : "not compared yet"],
  ]);
  const found = stats.found.slice(0, SHOWN).map((one) => element("li", {}, `${one.trackId}, ${one.counter}: ${one.stored} stored, ${one.counted} counted`));
  at("drift").replaceChildren(verdict, facts(pairs), found.length > 0 ? element("ul.small", {}, ...found) : "");
  show(number(all), `${stats.complete ? "checked" : "partly checked"} at ${timeOfDay(stats.checkedAt)}`, all === 0 ? "good" : "bad");
}

function show(value, note, kind = "") {
  const verdict = kind && mark(kind === "good" ? "exact" : "off", kind);
  const shown = tile({ label: "Drift", value, note, kind: "plain" });
  if (verdict) shown.querySelector(".tile-foot")?.prepend(verdict);
  at("tile-drift").replaceChildren(shown);
}
