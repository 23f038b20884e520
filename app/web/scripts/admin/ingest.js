/** How much comes in at present, out of the counters of the process that answers. */

import { ApiError } from "../shared/api.js";
import { tile } from "../shared/figures.js";
import { decimal, number } from "../shared/format.js";
import { every } from "../shared/polling.js";

const SECONDS = 2;
const KEPT = 60;
const WATCHED = [
  { id: "tile-events", label: "Events a second", counter: /^playledger_stats_events_total\{outcome="(?:accepted|duplicate|rejected)"\} (\S+)/gm },
  { id: "tile-views", label: "Views a second", counter: /^playledger_views_total\{outcome="[a-z]+"\} (\S+)/gm },
];

/** @returns {() => void} ends it */
export function startIngest() {
  const rates = WATCHED.map(() => /** @type {number[]} */ (Array(KEPT).fill(0)));
  /** @type {{at: number, sums: number[]} | null} */
  let before = null;
  WATCHED.forEach((one, index) => show(one, rates[index], "counting"));
  return every(SECONDS, async () => {
    try {
      const now = await read();
      if (before) take(rates, before, now);
      before = now;
    } catch (error) {
      before = null;
      WATCHED.forEach((one) => place(one).replaceChildren(tile({ label: one.label, value: "–", note: error.message })));
      throw error;
    }
  });
}

async function read() {
  const answer = await fetch("/metrics").catch(() => null);
  if (!answer?.ok) throw new ApiError(answer?.status ?? 0, { error: "The metrics cannot be read from here" });
  const text = await answer.text();
  return { at: performance.now(), sums: WATCHED.map(({ counter }) => sum(text, counter)) };
}

const sum = (text, counter) => [...text.matchAll(counter)].reduce((all, [, value]) => all + Number(value), 0);

/** A counter that has fallen is that of a process which has begun anew, or of another one. */
function take(rates, before, now) {
  const seconds = (now.at - before.at) / 1000;
  WATCHED.forEach((one, index) => {
    const rate = Math.max(0, (now.sums[index] - before.sums[index]) / seconds);
    rates[index].push(rate);
    rates[index].shift();
    show(one, rates[index], `${number(now.sums[index])} since the start`);
  });
}

function show(one, rates, note) {
  const rate = rates[rates.length - 1];
  place(one).replaceChildren(tile({ label: one.label, value: rate < 10 ? decimal(rate) : number(rate), note, course: rates }));
}

const place = (one) => /** @type {HTMLElement} */ (document.getElementById(one.id));
