/** The latest plays and likes, as they come, and who listens at present. */

import { data } from "../shared/api.js";
import { element, icon } from "../shared/elements.js";
import { ago, dateTime, percent } from "../shared/format.js";
import { every } from "../shared/polling.js";
import { empty, failed } from "../shared/states.js";
import { countryName, sourceName } from "./panels.js";

const PLAY = "M6 4l10 6-10 6z";
const HEART = "M10 16.5S3 12.4 3 7.6C3 5.4 4.7 4 6.5 4 8 4 9.2 4.8 10 6c.8-1.2 2-2 3.5-2C15.3 4 17 5.4 17 7.6c0 4.8-7 8.9-7 8.9z";
const SECONDS = 5;
const SHOWN = 7;

/**
 * Keep a list up to date, and say when there is something new.
 * @param {HTMLElement} place
 * @param {HTMLElement} mark
 * @param {() => void} somethingNew
 * @returns {() => void} ends it
 */
export function follow(place, mark, somethingNew) {
  /** @type {Set<string> | null} */
  let known = null;
  async function look() {
    try {
      const found = merged(await data("/api/dashboard/activity"));
      const before = known;
      known = new Set(found.map(keyOf));
      show(place, found, before);
      say(mark, "Live", "good");
      if (before && found.some((one) => !before.has(keyOf(one)))) somethingNew();
    } catch (error) {
      say(mark, "Offline", "warn");
      if (!known) place.replaceChildren(failed(error));
      throw error;
    }
  }
  return every(SECONDS, look);
}

function merged({ plays, likes }) {
  const all = [...plays.map((one) => ({ ...one, kind: "play" })), ...likes.map((one) => ({ ...one, kind: "like" }))];
  return all.sort((one, other) => other.timestamp.localeCompare(one.timestamp)).slice(0, SHOWN);
}

const keyOf = (one) => `${one.kind} ${one.trackId} ${one.timestamp} ${one.duration ?? ""}`;

function show(place, found, before) {
  if (found.length === 0) {
    place.replaceChildren(empty("Quiet so far", "The first play appears here within seconds."));
    return;
  }
  place.replaceChildren(element("ol.feed", {}, ...found.map((one) => row(one, before !== null && !before.has(keyOf(one))))));
}

function row(one, isNew) {
  const symbol = element(`span.feed-icon${one.kind === "like" ? ".liked" : ""}`, {}, icon(one.kind === "like" ? HEART : PLAY, { size: 16, filled: true }));
  const text = element("span.feed-text", {}, element("b", {}, one.title), element("span.small.soft", {}, details(one)));
  const when = element("time.small.soft.number", { datetime: one.timestamp, title: dateTime(one.timestamp) }, ago(one.timestamp));
  return element(`li${isNew ? ".fresh" : ""}`, {}, symbol, text, when);
}

function details(one) {
  if (one.kind === "like") return "Liked";
  const from = one.country && countryName(one.country);
  const heard = one.completionRate === null ? null : `${percent(Math.round(one.completionRate))} heard`;
  return [one.source && sourceName(one.source), from, heard].filter(Boolean).join(" · ") || "Played";
}

function say(mark, text, kind) {
  if (mark.textContent === text) return;
  mark.className = `mark ${kind}`;
  mark.replaceChildren(element("span.dot"), text);
}
