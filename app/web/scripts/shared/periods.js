/** Ranges and their periods, which are those of UTC: how fine they are shown, and what they are called. */

import { locale } from "./format.js";

const written = (how) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...how });

const AXIS = {
  hour: written({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  day: written({ month: "short", day: "numeric" }),
  week: written({ month: "short", day: "numeric" }),
  month: written({ month: "short", year: "2-digit" }),
};
const LONG = {
  hour: written({ weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  day: written({ weekday: "short", month: "short", day: "numeric", year: "numeric" }),
  week: written({ month: "short", day: "numeric", year: "numeric" }),
  month: written({ month: "long", year: "numeric" }),
};

/** @type {Record<string, {granularity: "hour" | "day" | "week" | "month", name: string}>} */
export const RANGES = {
  "24h": { granularity: "hour", name: "Last 24 hours" },
  "7d": { granularity: "day", name: "Last 7 days" },
  "30d": { granularity: "day", name: "Last 30 days" },
  "90d": { granularity: "day", name: "Last 90 days" },
  "1y": { granularity: "week", name: "Last 12 months" },
  all: { granularity: "week", name: "Since the beginning" },
};

/** The time that growth compares with; there is none before everything. @type {Record<string, string>} */
export const BEFORE = { "24h": "24 h", "7d": "7 d", "30d": "30 d", "90d": "90 d", "1y": "1 y" };

/** What an axis and a table call a period that begins then. @param {string} start @param {keyof typeof AXIS} granularity */
export const axisName = (start, granularity) => AXIS[granularity].format(new Date(start));

/** @param {string} start @param {keyof typeof LONG} granularity */
export function longName(start, granularity) {
  const name = LONG[granularity].format(new Date(start));
  return granularity === "week" ? `Week of ${name}` : granularity === "hour" ? `${name} UTC` : name;
}

/**
 * What is chosen in a row of radio buttons, and when that changes.
 * @param {HTMLElement} row
 * @param {(value: string) => void} chosen
 * @returns {() => string}
 */
export function choice(row, chosen) {
  row.addEventListener("change", (event) => chosen(/** @type {HTMLInputElement} */ (event.target).value));
  return () => /** @type {HTMLInputElement} */ (row.querySelector("input:checked")).value;
}
