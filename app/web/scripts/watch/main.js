/** The watch page: one episode when the address names one, else which there are. */

import { element } from "../shared/elements.js";
import { showExchanges } from "../shared/exchanges.js";
import { duration } from "../shared/format.js";
import { showConnection } from "../shared/live.js";
import { onSessionChange } from "../shared/session.js";
import { empty, failed, forSignedIn } from "../shared/states.js";
import { episodeList } from "./episode-list.js";
import { Figures } from "./figures.js";
import { OwnWatch } from "./own-watch.js";
import { screen } from "./screen.js";
import { episode, shows, tenant } from "./series.js";
import { showViewers } from "./viewers.js";

const AGAIN_MS = 30_000;

const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const stage = place("stage");
const episodeId = decodeURIComponent(location.pathname.split("/")[2] ?? "");

async function show() {
  stage.setAttribute("aria-busy", "true");
  try {
    stage.replaceChildren(...(await content()));
  } catch (error) {
    stage.replaceChildren(error.status === 404 ? notThere() : failed(error, show));
  } finally {
    stage.removeAttribute("aria-busy");
  }
}

async function content() {
  if (!tenant()) return [forSignedIn("For members", "Episodes belong to a tenant. Sign in as somebody who is a member of one.")];
  return episodeId ? watching(await episode(episodeId)) : episodeList(await shows());
}

function watching(shown) {
  document.title = `${shown.title} · Playledger`;
  place("title").textContent = shown.title;
  place("about").textContent = `${shown.episode_number === null ? "" : `Episode ${shown.episode_number} · `}${duration(shown.duration_seconds)}`;
  place("head-end").hidden = false;
  const figures = new Figures(episodeId);
  const panel = exchanges();
  const own = new OwnWatch(shown, () => figures.load());
  showConnection(place("connection"));
  showViewers(place("viewers"), episodeId);
  figures.load();
  setInterval(() => document.visibilityState === "visible" && figures.load(), AGAIN_MS);
  const left = element("div.stage.near", {}, screen(shown, own), figures.numbers);
  const right = element("div.stage.near", {}, own.element, panel);
  return [element("div.watching", {}, left, right), figures.charts];
}

function exchanges() {
  const list = element("div.exchange-list", { tabindex: "0", role: "region", "aria-label": "What was sent and answered" });
  const clear = element("button.button.quiet", { type: "button" }, "Clear");
  const head = element("div.row.spread", {}, element("h2", {}, "Under the hood"), clear);
  showExchanges(list, clear);
  return element("aside.exchanges.card", { "aria-label": "Under the hood" }, head, list);
}

function notThere() {
  const back = element("a.button", { href: "/watch" }, "All episodes");
  return empty("There is no such episode", "It may belong to another tenant, or it was removed.", back);
}

onSessionChange(() => location.reload());
show();
