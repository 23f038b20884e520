/** Syncs of catalogues: ordered here, followed live, cancelled. */

import { call } from "../shared/api.js";
import { confirm } from "../shared/dialogs.js";
import { element } from "../shared/elements.js";
import { mark, track } from "../shared/figures.js";
import { ago, dateTime, number } from "../shared/format.js";
import { ask, connection, onConnected } from "../shared/live.js";
import { empty, failed, loading } from "../shared/states.js";

const SYNCS = "/api/admin/music-licensing/sync";
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const KINDS = /** @type {const} */ ({ queued: "", running: "accent", completed: "good", failed: "bad", cancelled: "warn" });
const SHOWN = 6;

/** @type {Map<string, any>} */
const jobs = new Map();

/** @returns {() => void} ends it */
export function startSyncs() {
  jobs.clear();
  at("syncs").replaceChildren(loading(4));
  const hear = (job) => take([job]);
  connection().on("sync-progress", hear);
  const leave = onConnected(() => { ask("subscribe", { room: "admin:sync" }).catch(() => null); load(); });
  return () => { leave(); connection().off("sync-progress", hear); };
}

async function load() {
  try {
    take((await call(`${SYNCS}/jobs?limit=${SHOWN}`)).items);
  } catch (error) {
    if (jobs.size === 0) at("syncs").replaceChildren(failed(error, load));
  }
}

function take(list) {
  for (const job of list) jobs.set(job.id, job);
  const latest = [...jobs.values()].sort((one, other) => other.createdAt.localeCompare(one.createdAt)).slice(0, SHOWN);
  if (latest.length === 0) at("syncs").replaceChildren(empty("No sync yet", "Copy a catalogue to search it without asking its provider."));
  else at("syncs").replaceChildren(element("ul.syncs", {}, ...latest.map(row)));
}

function row(job) {
  const isOver = !["queued", "running"].includes(job.status);
  const name = element("b", {}, job.provider === "all" ? "All catalogues" : job.provider.replaceAll("_", " "));
  const when = element("span.small.soft", { title: dateTime(job.createdAt) }, ago(job.finishedAt ?? job.createdAt));
  const cancel = !isOver && element("button.button", { type: "button", "aria-label": `Cancel the sync of ${job.provider}`, onclick: () => askToCancel(job) }, "Cancel");
  const head = element("div.sync-head", {}, name, mark(job.status, KINDS[job.status]), when, cancel);
  const error = job.error && element("p.small.soft", {}, job.error);
  return element("li", {}, head, bar(job), element("p.small.soft.number", {}, counts(job.progress)), error);
}

function bar({ progress, status, options }) {
  const total = progress.total ?? options.maxTracks;
  const filled = status === "completed" ? 100 : total ? (100 * progress.fetched) / total : 0;
  return track(filled, status === "failed" ? "bad" : "");
}

function counts({ fetched, created, updated, unchanged, failed: lost, total }) {
  const of = total === null ? "" : ` of ${number(total)}`;
  return `${number(fetched)}${of} tracks · ${number(created)} new · ${number(updated)} changed · ${number(unchanged)} as before · ${number(lost)} failed`;
}

function askToCancel(job) {
  confirm({
    title: "Cancel this sync?",
    text: "It ends within a page. What was copied stays.",
    verb: "Cancel the sync",
    danger: true,
    act: async () => { take([await call(`${SYNCS}/jobs/${job.id}/cancel`, { method: "POST" })]); return null; },
  });
}

async function order(event) {
  event.preventDefault();
  const provider = /** @type {HTMLSelectElement} */ (at("sync-provider")).value;
  at("sync-fault").textContent = "";
  try {
    await call(`${SYNCS}/${provider}`, { method: "POST", body: {} });
    await load();
  } catch (error) {
    at("sync-fault").textContent = error.message;
  }
}

at("sync-form").addEventListener("submit", order);
