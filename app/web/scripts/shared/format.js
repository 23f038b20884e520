/** Numbers, times and durations, as the reader's language writes them. */

/** The languages of the reader, as far as they are any: a system without one may call it `en-US@posix`. */
export const locale = (navigator.languages ?? []).filter(isLanguage);

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const shortDay = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

const NOTHING = "–";
const UNITS = /** @type {const} */ ([
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
]);

/** 12,345 @param {number | null | undefined} value */
export const number = (value) => (isNumber(value) ? whole.format(value) : NOTHING);

/** 1 track, 12 tracks @param {number | null | undefined} value @param {string} noun in the singular */
export const counted = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;

/** 12.3K @param {number | null | undefined} value */
export const compact = (value) => (isNumber(value) ? short.format(value) : NOTHING);

/** 3.4 @param {number | null | undefined} value */
export const decimal = (value) => (isNumber(value) ? one.format(value) : NOTHING);

/** 0.04 @param {number | null | undefined} value */
export const fine = (value) => (isNumber(value) ? hundredths.format(value) : NOTHING);

/** 42.5% of a number that is in percent already @param {number | null | undefined} value */
export const percent = (value) => (isNumber(value) ? `${one.format(value)}%` : NOTHING);

/** +12.5%, −3% @param {number | null | undefined} value in percent */
export function change(value) {
  if (!isNumber(value)) return NOTHING;
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${one.format(Math.abs(value))}%`;
}

/** 3:05, 1:02:03 @param {number | null | undefined} seconds */
export function duration(seconds) {
  if (!isNumber(seconds)) return NOTHING;
  const all = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Nov 28, 2026 @param {string | number | Date | null | undefined} value */
export const date = (value) => time(value, day);

/** Nov 28 @param {string | number | Date | null | undefined} value */
export const dayOfYear = (value) => time(value, shortDay);

/** Nov 28, 2026, 6:12 AM @param {string | number | Date | null | undefined} value */
export const dateTime = (value) => time(value, moment);

/** 6:12:09 AM @param {string | number | Date | null | undefined} value */
export const timeOfDay = (value) => time(value, clock);

/** 5 minutes ago, in 2 hours @param {string | number | Date | null | undefined} value @param {Date} [now] */
export function ago(value, now = new Date()) {
  const at = value === null || value === undefined ? NaN : new Date(value).getTime();
  if (Number.isNaN(at)) return NOTHING;
  const seconds = (at - now.getTime()) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[3];
  return relative.format(Math.trunc(seconds / length), unit);
}

/** 12 ms, 1.2 s @param {number} value */
export const milliseconds = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${one.format(value / 1000)} s`);

function isLanguage(tag) {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function time(value, format) {
  const at = value === null || value === undefined ? NaN : new Date(value).getTime();
  return Number.isNaN(at) ? NOTHING : format.format(at);
}
