/** The developers' panel: every call and every live event, with what was sent and answered. */

import { element } from "./elements.js";
import { milliseconds, timeOfDay } from "./format.js";
import { connection } from "./live.js";

/** @typedef {{at: Date, method: string, path: string, sent: unknown, status: number, answer: unknown, ms: number}} Exchange */

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
  listenToFetch((exchange) => add(called(exchange)));
  connection().onAny((name, body) => add(heard(name, body)));
}

/**
 * Hear of every call of this page, whichever script makes it.
 * @param {(exchange: Exchange) => void} listener
 */
function listenToFetch(listener) {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init = {}) => {
    const [at, began] = [new Date(), performance.now()];
    const tell = (status, answer) =>
      listener({ at, method: init.method ?? "GET", path: String(input), sent: read(init.body), status, answer, ms: performance.now() - began });
    const answer = await original(input, init).catch((fault) => {
      tell(0, null);
      throw fault;
    });
    answer.clone().text().then((text) => tell(answer.status, read(text))).catch(() => {});
    return answer;
  };
}

/** JSON, where it is some. @param {unknown} text */
function read(text) {
  try {
    return typeof text === "string" ? JSON.parse(text) : null;
  } catch {
    return text;
  }
}

/** @param {Exchange} exchange */
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
