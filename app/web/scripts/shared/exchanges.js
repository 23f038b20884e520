/** The developers' panel: every call and every live event, with what was sent and answered. */

import { onExchange } from "./api.js";
import { element } from "./elements.js";
import { milliseconds, timeOfDay } from "./format.js";

const KEPT = 100;
const LONG_ID = /([0-9a-f]{6})[0-9a-f]{18}/g;

/**
 * Show exchanges in a list, the newest first.
 * @param {HTMLElement} list
 * @param {HTMLElement} clear the button that empties it
 */
export function showExchanges(list, clear) {
  const nothing = () => list.replaceChildren(element("p.soft.small.exchange-none", {}, "Nothing was sent yet. Play a song."));
  const add = (entry) => {
    list.querySelector(".exchange-none")?.remove();
    list.prepend(entry);
    while (list.childElementCount > KEPT) list.lastElementChild?.remove();
  };
  nothing();
  clear.addEventListener("click", nothing);
  onExchange((exchange) => add(called(exchange)));
  return { heard: (name, body) => add(heard(name, body)) };
}

/** @param {import("./api.js").Exchange} exchange */
function called(exchange) {
  const { method, path, status, ms, at, sent, answer } = exchange;
  const note = `${timeOfDay(at)} · ${milliseconds(ms)}`;
  return entry(method, path, String(status || "–"), status >= 200 && status < 400, note, { Sent: sent, Answered: answer });
}

/** @param {string} name @param {unknown} body */
function heard(name, body) {
  return entry("LIVE", name, "heard", true, timeOfDay(new Date()), { Heard: body });
}

function entry(kind, path, status, isGood, note, bodies) {
  const summary = element(
    "summary",
    {},
    element("span.exchange-kind", {}, kind),
    element("span.exchange-path", { title: path }, path.replaceAll(LONG_ID, "$1…")),
    element(`span.exchange-status.${isGood ? "good" : "bad"}`, {}, status),
    element("span.exchange-note", {}, note),
  );
  return element("details.exchange", {}, summary, element("div.exchange-body", {}, ...Object.entries(bodies).flatMap(shown)));
}

function shown([name, body]) {
  if (body === undefined || body === null) return [];
  return [element("span.label", {}, name), element("pre", {}, JSON.stringify(body, null, 2))];
}
