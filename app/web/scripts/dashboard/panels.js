/** The panels of the dashboard, each out of the answers that were loaded for all. */

import { element } from "../shared/elements.js";
import { facts, gauge, ranked, table, tile, track } from "../shared/figures.js";
import { compact, decimal, duration, locale, number, percent } from "../shared/format.js";
import { BEFORE } from "../shared/periods.js";
import { empty } from "../shared/states.js";

const PLATFORMS = { twitter: "X (Twitter)", facebook: "Facebook", instagram: "Instagram", whatsapp: "WhatsApp", copy_link: "Copied link", embed: "Embedded" };
const SOURCES = { landing: "Landing page", playlist: "Playlists", search: "Search", direct: "Direct", share: "Shared links", player: "Player" };

const countries = new Intl.DisplayNames(locale, { type: "region", fallback: "code" });

/** @param {HTMLElement} place @param {any} board @param {any} series */
export function showTiles(place, { overview, growth, timeRange }, series) {
  const over = series.points.slice(0, -1);
  const course = (field) => over.map((point) => point[field]);
  const about = overview.uniqueListenersIsEstimate ? "estimate, within 2 %" : "distinct sessions";
  const note = BEFORE[timeRange] && `vs ${BEFORE[timeRange]} before`;
  place.replaceChildren(
    tile({ label: "Plays", value: compact(overview.totalPlays), growth: note ? growth.playsGrowth : undefined, note, course: course("totalPlays"), kind: "main" }),
    tile({ label: "Listeners", value: compact(overview.uniqueListeners), note: about, course: course("uniquePlays") }),
    tile({ label: "Likes", value: compact(overview.totalLikes), growth: note ? growth.likesGrowth : undefined, note, course: course("totalLikes") }),
    tile({ label: "Shares", value: compact(overview.totalShares), growth: note ? growth.sharesGrowth : undefined, note, course: course("totalShares") }),
    tile({ label: "Saves", value: compact(overview.totalSaves), note: "to playlists", course: course("totalSaves") }),
    tile({ label: "Downloads", value: compact(overview.totalDownloads), note: "files", course: course("totalDownloads") }),
  );
}

/** @param {Record<"sources" | "platforms" | "countries", HTMLElement>} places @param {any} sums */
export function showBreakdowns(places, { plays, shares }) {
  fillRanked(places.sources, plays.sourceBreakdown, (key) => SOURCES[key] ?? key, "No plays in this range");
  fillRanked(places.platforms, shares.platformBreakdown, (key) => PLATFORMS[key] ?? key, "Nothing was shared in this range");
  fillRanked(places.countries, plays.countryBreakdown, countryName, "No countries are known in this range");
}

function fillRanked(place, counts, name, nothing) {
  place.replaceChildren(Object.keys(counts).length > 0 ? ranked(counts, { name }) : empty(nothing));
}

/** @param {string} code two letters, or what a proxy has made of them */
export function countryName(code) {
  try {
    return countries.of(code) ?? code;
  } catch {
    return code;
  }
}

export const sourceName = (key) => SOURCES[key] ?? key;

/** @param {HTMLElement} place @param {any[]} tracks */
export function showTop(place, tracks) {
  if (tracks.length === 0) {
    place.replaceChildren(empty("No tracks yet", "A song becomes yours here with its first play."));
    return;
  }
  const most = Math.max(1, ...tracks.map((one) => one.totalPlays));
  const heads = ["Track", { text: "Plays", number: true }, { text: "Likes", number: true }, { text: "Heard", number: true }];
  place.replaceChildren(table("Top tracks", heads, tracks.map((one, index) => trackRow(one, index, most))));
}

function trackRow(one, index, most) {
  const name = element("span.track-name", {}, element("span.rank.number.soft", {}, String(index + 1)), element("b", {}, one.title));
  return element(
    "tr",
    {},
    element("th.track-cell", { scope: "row" }, name, track((100 * one.totalPlays) / most)),
    element("td.number", {}, number(one.totalPlays)),
    element("td.number", {}, number(one.totalLikes)),
    element("td.number", {}, percent(one.avgCompletionRate)),
  );
}

/** @param {HTMLElement} place @param {any} board */
export function showEngagement(place, { engagement }) {
  const rates = [["Like", engagement.likeRate], ["Save", engagement.saveRate], ["Share", engagement.shareRate], ["Download", engagement.downloadRate]];
  const most = Math.max(1, ...rates.map(([, rate]) => Number(rate)));
  const gauges = rates.map(([label, rate]) => gauge({ label: String(label), text: percent(rate), filled: (100 * Number(rate)) / most }));
  place.replaceChildren(element("div.gauges", {}, ...gauges), element("p.small.soft.foot", {}, "Percent of the plays of the range"));
}

/** @param {HTMLElement} place @param {any} sums */
export function showListening(place, { plays }) {
  const gauges = [["Completion", plays.avgCompletionRate], ["Skipped", plays.skipRate], ["Played again", plays.replayRate]];
  const bars = gauges.map(([label, rate]) => gauge({ label: String(label), text: percent(rate), filled: Number(rate) }));
  const heard = plays.avgDuration < 60 ? `${decimal(plays.avgDuration)} s heard on average` : `${duration(plays.avgDuration)} heard on average`;
  place.replaceChildren(element("div.gauges", {}, ...bars), element("p.small.soft.foot", {}, heard));
}

/** @param {HTMLElement} place @param {any} board */
export function showApart(place, { overview, playlistStats }) {
  place.replaceChildren(
    facts([
      ["Plays of bots, set aside", number(overview.setAside.bots)],
      ["Your own plays, set aside", number(overview.setAside.ownPlays)],
      ["Your playlists", number(playlistStats.playlists)],
      ["Submissions to playlists", number(playlistStats.submissions)],
      ["Accepted, and waiting", `${number(playlistStats.acceptedSubmissions)}, ${number(playlistStats.pendingSubmissions)}`],
    ]),
  );
}
