/** The music providers: whether they answer, what of their quotas is used, and what the caches save. */

import { call } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { facts, gauge, mark } from "../shared/figures.js";
import { dateTime, milliseconds, number, percent } from "../shared/format.js";
import { every } from "../shared/polling.js";
import { failed, loading } from "../shared/states.js";

const place = /** @type {HTMLElement} */ (document.getElementById("providers"));
const choiceOfSyncs = /** @type {HTMLSelectElement} */ (document.getElementById("sync-provider"));
const WINDOWS = [["perMinute", "Calls a minute"], ["perHour", "Calls an hour"], ["perDay", "Calls a day"]];
const ANALYTICS = "/api/music-licensing/analytics";

/** @returns {() => void} ends it */
export function startProviders() {
  place.replaceChildren(...Array.from({ length: 6 }, () => element("div.card.provider", {}, loading(5))));
  return every(6, async () => {
    try {
      show(await load());
    } catch (error) {
      if (!place.querySelector("h3")) place.replaceChildren(element("div.card", {}, failed(error)));
      throw error;
    }
  });
}

async function load() {
  const [setups, quotas, cache, calls] = await Promise.all([
    call("/api/admin/music-licensing/providers"),
    call(`${ANALYTICS}/rate-limits`),
    call(`${ANALYTICS}/cache`),
    call(`${ANALYTICS}/providers`),
  ]);
  const of = (list, name) => list.find((one) => one.provider === name) ?? null;
  return setups.items.map((setup) => ({
    setup,
    quota: of(quotas.rateLimits, setup.provider),
    calls: of(calls.providers, setup.provider),
    cache: cache.items.filter((one) => one.provider === setup.provider),
  }));
}

function show(providers) {
  offerSyncs(providers);
  place.replaceChildren(...providers.map(card));
}

function card({ setup, quota, calls, cache }) {
  const head = element("div.row.spread", {}, element("h3", {}, setup.title), standing(setup, quota));
  return element("article.card.provider", {}, head, element("div.gauges", {}, ...gauges(quota)), numbers(calls, cache, setup));
}

function standing({ configured, enabled, breaker }, quota) {
  if (!configured) return mark("Not configured");
  if (!enabled) return mark("Switched off");
  if (breaker.state === "open") return mark("Resting after failures", "bad");
  if (quota?.blockedUntil) return mark(`Blocked until ${dateTime(quota.blockedUntil)}`, "warn");
  return breaker.state === "half_open" ? mark("Trying again", "warn") : mark("Answers", "good");
}

function gauges(quota) {
  if (!quota) return [];
  const usual = WINDOWS.map(([key, label]) => ({ label, usage: quota.usage[key], limit: quota.limits[key] }));
  const own = quota.windows.map((one) => ({ label: spoken(one.name), usage: one.usage, limit: one.limit }));
  const limited = [...usual, ...own].filter((one) => one.limit !== null);
  if (limited.length === 0) return [element("p.soft", {}, `No quota; ${number(quota.usage.perDay)} calls today`)];
  return limited.map(({ label, usage, limit }) =>
    gauge({ label, text: `${number(usage)} of ${number(limit)}`, filled: (100 * usage) / limit, warns: true }),
  );
}

/** searchPerMinute → Search per minute */
const spoken = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^./, (letter) => letter.toUpperCase());

function numbers(calls, cache, setup) {
  const sum = (field) => cache.reduce((all, one) => all + one[field], 0);
  const asked = sum("hits") + sum("misses") + sum("stale");
  const hits = !setup.capabilities.mayCacheMetadata ? "may not be kept" : asked ? percent((100 * sum("hits")) / asked) : "–";
  return facts([
    ["From the cache", hits],
    ["Calls in 7 days", number(calls?.calls ?? 0)],
    ["Failed", calls?.calls ? percent(calls.errorRate) : "–"],
    ["95 % within", calls?.latencyMs ? milliseconds(calls.latencyMs.p95) : "–"],
  ]);
}

/** What may be copied can be synced. */
function offerSyncs(providers) {
  const known = new Set([...choiceOfSyncs.options].map((option) => option.value));
  for (const { setup } of providers) {
    const may = setup.configured && setup.capabilities.canWalk && setup.capabilities.mayCacheMetadata;
    if (may && !known.has(setup.provider)) choiceOfSyncs.append(new Option(setup.title, setup.provider));
  }
}
