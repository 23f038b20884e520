/** Small figures: tiles with a number and its course, ranked bars, gauges, lists of facts. */

import { element } from "./elements.js";
import { change, number, percent } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * A number with its name, how it has changed, and its course.
 * `growth` is in percent, and null where there was nothing before.
 * @param {{label: string, value: string, growth?: number | null, note?: string, course?: number[], kind?: string}} tile
 */
export function tile({ label, value, growth, note, course, kind = "" }) {
  const grown = growth === undefined || growth === null ? null : growthMark(growth);
  const foot = element("p.tile-foot.small.soft", {}, grown, growth === null ? "nothing before to compare with" : note);
  const body = element("div", {}, element("p.label", {}, label), element("p.tile-value.number", {}, value), foot);
  return element(`div.tile${kind ? `.${kind}` : ""}`, {}, body, course && spark(course));
}

/** @param {number} growth percent */
function growthMark(growth) {
  const kind = Math.abs(growth) < 0.05 ? "" : growth > 0 ? ".good" : ".bad";
  return element(`span.mark.number${kind}`, {}, change(growth));
}

/** The course of a number, without axes; what it says stands elsewhere too. @param {number[]} values */
export function spark(values) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ class: "spark", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const top = Math.max(1e-9, ...values);
  const points = values.map((value, at) => `${(100 * at) / Math.max(1, values.length - 1)},${(28 - (26 * value) / top).toFixed(2)}`);
  svg.append(shape("polygon", `0,30 ${points.join(" ")} 100,30`, "spark-area"), shape("polyline", points.join(" "), "spark-line"));
  return svg;
}

function shape(name, points, look) {
  const made = document.createElementNS(SVG, name);
  made.setAttribute("points", points);
  made.setAttribute("class", look);
  return made;
}

/**
 * Names with numbers, the largest first, each with a bar of its share.
 * @param {Record<string, number>} counts
 * @param {{name?: (key: string) => string, most?: number}} [how]
 */
export function ranked(counts, { name = (key) => key, most = 7 } = {}) {
  const all = Object.entries(counts).sort((one, other) => other[1] - one[1]);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  const rest = all.slice(most).reduce((sum, [, count]) => sum + count, 0);
  const shown = rest > 0 ? [...all.slice(0, most), ["", rest]] : all;
  const top = Math.max(1, ...shown.map(([, count]) => Number(count)));
  const rows = shown.map(([key, count]) => bar(key === "" ? "Others" : name(String(key)), Number(count), total, top));
  return element("ul.bars", {}, ...rows);
}

function bar(name, count, total, top) {
  const share = element("span.soft.bar-share", {}, percent(total ? (100 * count) / total : 0));
  const head = element("span.bar-head", {}, element("span.bar-name", {}, name), element("span.number", {}, number(count), " ", share));
  return element("li", {}, head, track((100 * count) / top));
}

/** A bar that is filled so far, in percent. @param {number} filled @param {string} [kind] */
export function track(filled, kind = "") {
  const inner = element(`span.track-fill${kind ? `.${kind}` : ""}`);
  inner.style.width = `${Math.min(100, Math.max(0, filled))}%`;
  return element("span.track", { "aria-hidden": "true" }, inner);
}

/**
 * How much of something is used: the name, a sentence in numbers, and a bar that warns from 80 % on.
 * @param {{label: string, text: string, filled: number, warns?: boolean, note?: string}} gauge `filled` in percent
 */
export function gauge({ label, text, filled, warns = false, note }) {
  const kind = warns && filled >= 95 ? "bad" : warns && filled >= 80 ? "warn" : "";
  const head = element("span.bar-head", {}, element("span.bar-name", {}, label), element("span.number", {}, text));
  return element("div.gauge", {}, head, track(filled, kind), note && element("p.small.soft", {}, note));
}

/** Pairs of a name and what there is to say. @param {[string, string | Node][]} pairs */
export function facts(pairs) {
  const rows = pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd.number", {}, value)));
  return element("dl.facts", {}, ...rows);
}

/** @param {string} text @param {"" | "good" | "warn" | "bad" | "accent"} [kind] */
export function mark(text, kind = "") {
  return element(`span.mark${kind ? `.${kind}` : ""}`, {}, text);
}

/**
 * A table that scrolls by itself when it is too wide.
 * @param {string} caption for screen readers
 * @param {(string | {text: string, number?: boolean, unseen?: boolean})[]} heads
 * @param {HTMLElement[]} rows
 */
export function table(caption, heads, rows) {
  const cells = heads.map((head) => {
    const { text, number: isNumber, unseen } = typeof head === "string" ? { text: head } : head;
    return element(isNumber ? "th.number" : "th", { scope: "col" }, unseen ? element("span.unseen", {}, text) : text);
  });
  const whole = element("table", {}, element("caption.unseen", {}, caption), element("thead", {}, element("tr", {}, ...cells)), element("tbody", {}, ...rows));
  return element("div.scroll", { tabindex: "0", role: "region", "aria-label": `${caption}, as a table` }, whole);
}
