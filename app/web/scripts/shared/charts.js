/** Lines and bars over time: uPlot in our colours, as wide as there is room, with a table that says the same. */

import { element } from "./elements.js";
import { compact, dateTime, number } from "./format.js";
import { onThemeChange, token } from "./theme.js";

const LIBRARY = "/assets/vendor/uplot-1.6.32/uPlot.iife.min.js";
const STYLE = "/assets/vendor/uplot-1.6.32/uPlot.min.css";

/**
 * @typedef {{label: string, values: (number | null)[], format?: (value: number | null) => string, kind?: "line" | "bars"}} Series
 * @typedef {{
 *   title: string,
 *   x: number[],
 *   series: Series[],
 *   formatX?: (value: number) => string,
 *   formatAxis?: (value: number) => string,
 *   formatY?: (value: number) => string,
 *   time?: boolean,
 *   isOpen?: boolean,
 *   heading?: string,
 * }} Chart `x` in seconds since 1970 unless `time` is false; with `isOpen` the last
 *   period is not over, and its part of each line is broken; `title` is for those who do not see it, `heading` names
 *   the first column of the table
 */

/** @type {Promise<any> | null} */
let library = null;

/** Load uPlot once; it is a plain script, which is a third of its module. */
function uplot() {
  library ??= new Promise((resolve, reject) => {
    const style = element("link", { rel: "stylesheet", href: STYLE });
    const script = element("script", { src: LIBRARY });
    script.addEventListener("load", () => resolve(/** @type {any} */ (globalThis).uPlot));
    script.addEventListener("error", () => reject(new Error("The charts could not be loaded")));
    document.head.append(style, script);
  });
  return library;
}

/**
 * Draw a chart into a place, or draw it anew: the place keeps its height.
 * @param {HTMLElement} place
 * @param {Chart} chart
 * @returns {Promise<() => void>} what takes the chart away
 */
export async function draw(place, chart) {
  const UPlot = await uplot();
  /** @type {any} */ (place).endChart?.();
  const plot = element("div.chart-plot", { role: "img", "aria-label": chart.title });
  const legend = element("ul.chart-legend", { "aria-hidden": "true" });
  const isOpen = place.querySelector("details")?.open ?? false;
  place.classList.add("chart");
  place.replaceChildren(legend, plot, table(chart, isOpen));
  const painted = paint(UPlot, plot, legend, chart);
  /** @type {any} */ (place).endChart = painted;
  return painted;
}

function paint(UPlot, plot, legend, chart) {
  const data = [chart.x, ...linesOf(chart).map((one) => one.values)];
  const make = () => new UPlot(options(UPlot, plot, legend, chart), data, plot);
  let made = make();
  showLegend(legend, chart, null);
  const again = () => { made.destroy(); made = make(); };
  const resizing = new ResizeObserver(() => made.setSize(sizeOf(plot)));
  resizing.observe(plot);
  const forget = onThemeChange(again);
  return () => { forget(); resizing.disconnect(); made.destroy(); };
}

function options(UPlot, plot, legend, chart) {
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: token("--text-soft"), font, grid: { stroke: token("--grid"), width: 1 }, ticks: { show: false } };
  const formatAxis = chart.formatAxis;
  return {
    ...sizeOf(plot),
    padding: [12, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 8 }, drag: { x: false, y: false } },
    scales: { x: { time: chart.time !== false }, y: { range: (_plot, _low, high) => [0, niceTop(high)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 32, space: 64, ...(formatAxis ? { values: (_plot, at) => at.map(formatAxis) } : {}) },
      { ...axis, size: 52, gap: 8, values: (_plot, at) => at.map(chart.formatY ?? compact) },
    ],
    series: [{}, ...linesOf(chart).map((one) => look(UPlot, one, one.index))],
    hooks: { setCursor: [(made) => showLegend(legend, chart, made.cursor.idx ?? null)] },
  };
}

/** The lines as they are painted: of an open chart each in two, with all that is over and with what is not. */
function linesOf(chart) {
  return chart.series.flatMap((one, index) => {
    const last = one.values.length - 1;
    if (!chart.isOpen || last < 2 || one.kind === "bars") return [{ ...one, index }];
    const over = one.values.map((value, at) => (at < last ? value : null));
    const open = one.values.map((value, at) => (at >= last - 1 ? value : null));
    return [{ ...one, index, values: over }, { ...one, index, values: open, isBroken: true }];
  });
}

function look(UPlot, series, index) {
  const colour = token(`--series-${(index % 6) + 1}`);
  const isBars = series.kind === "bars";
  return {
    label: series.label,
    stroke: colour,
    width: isBars ? 0 : 2,
    dash: series.isBroken ? [4, 4] : undefined,
    fill: isBars ? colour : index === 0 && !series.isBroken ? `${colour}22` : undefined,
    paths: isBars ? UPlot.paths.bars({ size: [0.7, 48], radius: 0.15 }) : UPlot.paths.spline?.(),
    points: { show: false, size: 6, filter: () => lonely(series.values) },
  };
}

/** What no line can show: values between two gaps. @param {(number | null)[]} values */
function lonely(values) {
  const isGap = (at) => values[at] === null || values[at] === undefined;
  return values.flatMap((_value, at) => (!isGap(at) && isGap(at - 1) && isGap(at + 1) ? [at] : []));
}

/** Above the highest value, and never nothing. */
function niceTop(high) {
  return high > 0 ? high * 1.1 : 1;
}

function sizeOf(plot) {
  return { width: Math.max(80, Math.floor(plot.clientWidth)), height: Math.max(80, Math.floor(plot.clientHeight)) };
}

/** The names of the lines; with the pointer on the chart also the values there. */
function showLegend(legend, chart, index) {
  const items = chart.series.map((series, at) => {
    const value = index === null ? null : element("b", {}, written(series, index));
    return element("li", {}, element(`span.chart-swatch.swatch-${(at % 6) + 1}`), series.label, value);
  });
  const where = index === null ? null : element("li", {}, (chart.formatX ?? fromSeconds)(chart.x[index]));
  legend.replaceChildren(...items, ...(where ? [where] : []));
}

/** The same numbers for those who do not see the chart, or want to copy them. */
function table(chart, isOpen) {
  const heads = [chart.heading ?? "Time", ...chart.series.map((series) => series.label)];
  const head = element("tr", {}, ...heads.map((name, at) => element(at ? "th.number" : "th", { scope: "col" }, name)));
  const rows = chart.x.map((x, index) => element("tr", {}, element("th", { scope: "row" }, (chart.formatX ?? fromSeconds)(x)), ...cells(chart, index)));
  const content = element("table", {}, element("caption.unseen", {}, chart.title), element("thead", {}, head), element("tbody", {}, ...rows));
  const scroll = element("div.scroll", { tabindex: "0", role: "region", "aria-label": `${chart.title}, as a table` }, content);
  return element("details", { open: isOpen }, element("summary", {}, "As a table"), scroll);
}

function cells(chart, index) {
  return chart.series.map((series) => element("td.number", {}, written(series, index)));
}

function written(series, index) {
  return (series.format ?? number)(series.values[index] ?? null);
}

function fromSeconds(value) {
  return dateTime(value * 1000);
}
