/** What runs by itself: the schedule, how the last runs ended, and a run right now. */

import { data } from "../shared/api.js";
import { confirm, openDialog } from "../shared/dialogs.js";
import { element } from "../shared/elements.js";
import { facts, mark, table } from "../shared/figures.js";
import { ago, counted, dateTime, milliseconds, number } from "../shared/format.js";
import { every } from "../shared/polling.js";
import { failed, loading } from "../shared/states.js";

const JOBS = "/api/admin/jobs";
const place = /** @type {HTMLElement} */ (document.getElementById("job-list"));
const OUTCOMES = /** @type {const} */ ({ done: "good", failed: "bad", running: "accent" });
const DOTS = 12;

/** @returns {() => void} ends it */
export function startJobs() {
  place.replaceChildren(loading(10));
  return every(15, load);
}

async function load() {
  try {
    const { jobs } = await data(JOBS);
    // Not under the hand of who is about to press one of its buttons.
    if (!place.contains(document.activeElement)) show(jobs);
  } catch (error) {
    if (!place.querySelector("table")) place.replaceChildren(failed(error, load));
    throw error;
  }
}

function show(jobs) {
  const heads = ["Job", "Schedule (UTC)", "Latest runs", "Last", { text: "Run it", unseen: true }];
  place.replaceChildren(table("Jobs", heads, jobs.map(row)));
}

function row(job) {
  const name = element("button.link", { type: "button", onclick: () => showHistory(job) }, job.name);
  const run = element("button.button", { type: "button", "aria-label": `Run now: ${job.name}`, onclick: () => askToRun(job) }, "Run now");
  return element(
    "tr",
    {},
    element("th.job-cell", { scope: "row" }, name, element("span.small.soft.job-text", {}, job.description)),
    element("td", {}, element("code", { title: job.cron }, spokenCron(job.cron))),
    element("td", {}, dots(job.runs)),
    element("td", {}, last(job.runs[0])),
    element("td.number", {}, run),
  );
}

/** The plain ones among the schedules in words. @param {string} cron */
function spokenCron(cron) {
  const parts = cron.split(" ");
  if (parts.length === 6) return parts[0].startsWith("*/") ? `every ${parts[0].slice(2)} s` : cron;
  const [minute, hour, ...days] = parts;
  if (days.some((one) => one !== "*")) return cron;
  if (minute === "*" && hour === "*") return "every minute";
  if (minute.startsWith("*/") && hour === "*") return `every ${minute.slice(2)} min`;
  if (hour === "*") return `hourly at :${minute.padStart(2, "0")}`;
  return /^\d+$/.test(hour) && /^\d+$/.test(minute) ? `daily ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` : cron;
}

function dots(runs) {
  const latest = runs.slice(0, DOTS).reverse();
  const failures = latest.filter((run) => run.outcome === "failed").length;
  const says = latest.length === 0 ? "none yet" : failures === 0 ? `${counted(latest.length, "run")}, none failed` : `${counted(latest.length, "run")}, ${failures} failed`;
  const missing = Array.from({ length: DOTS - latest.length }, () => element("span.run"));
  const marks = [...missing, ...latest.map((run) => element(`span.run.${run.outcome}`))];
  return element("span.runs", { role: "img", "aria-label": says, title: says }, ...marks);
}

function last(run) {
  if (!run) return element("span.soft", {}, "not yet");
  const when = element("span.small.soft", { title: dateTime(run.startedAt) }, ago(run.startedAt));
  return element("span.last-run", {}, mark(run.outcome, OUTCOMES[run.outcome]), when);
}

function showHistory(job) {
  const rows = job.runs.map((run) =>
    element(
      "tr",
      {},
      element("td", {}, dateTime(run.startedAt)),
      element("td", {}, mark(run.outcome, OUTCOMES[run.outcome])),
      element("td.number", {}, took(run)),
      element("td", {}, run.error ?? summed(run.summary)),
    ),
  );
  const history = rows.length > 0 ? table(`Runs of ${job.name}`, ["Began", "Outcome", { text: "Took", number: true }, "Did"], rows) : element("p.soft", {}, "It has not run yet.");
  openDialog(job.name, element("p.soft", {}, job.description), history);
}

const took = (run) => (run.finishedAt ? milliseconds(new Date(run.finishedAt).getTime() - new Date(run.startedAt).getTime()) : "–");
const summed = (summary) => Object.entries(summary).map(([name, count]) => `${name} ${number(count)}`).join(", ") || "–";

function askToRun(job) {
  confirm({
    title: `Run ${job.name} now?`,
    text: `${job.description}. It runs at once, beside its schedule, and you see here what it did.`,
    verb: "Run now",
    act: async () => {
      const { summary } = await data(`${JOBS}/${encodeURIComponent(job.name)}/run`, { method: "POST" });
      data(JOBS).then(({ jobs }) => show(jobs)).catch(() => null);
      const pairs = /** @type {[string, string][]} */ (Object.entries(summary).map(([name, count]) => [name, number(count)]));
      return element("div.stack.close", {}, mark("Done", "good"), pairs.length > 0 ? facts(pairs) : "");
    },
  });
}
