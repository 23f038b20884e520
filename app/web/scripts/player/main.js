/** The player page: puts its parts together. */

import { data } from "../shared/api.js";
import { showExchanges } from "../shared/exchanges.js";
import { showConnection } from "../shared/live.js";
import { bearer, canMint, current, mintDemoToken, onSessionChange } from "../shared/session.js";
import { openSignIn } from "../shared/sign-in.js";
import { Catalogue, SONGS } from "./catalogue.js";
import { LiveCounts } from "./live-counts.js";
import { Playback } from "./playback.js";
import { showStanding } from "./standing.js";
import { ViewCounter } from "./views.js";

const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const panel = showExchanges(place("exchanges"), place("exchanges-clear"));
const live = new LiveCounts(panel.heard);
/** @type {ViewCounter | null} */
let counter = null;

const playback = new Playback((row, audio) => {
  count(row, audio);
  audio.src = row.song.audioUrl ?? "";
});

const catalogue = new Catalogue(place("songs"), { play: (row) => playback.toggle(row), react }, (rows) => {
  playback.setQueue(rows);
  live.follow(rows);
});

function count(row, audio) {
  counter?.end();
  counter = new ViewCounter(row, audio, showStanding);
}

/** Like or bookmark a song, or take it back. */
async function react(row, kind) {
  if (!bearer()) return openSignIn();
  const isSet = kind === "like" ? row.song.hasLiked : row.song.hasBookmarked;
  try {
    row.show(await data(`${SONGS}/${row.song.id}/${kind}`, { method: isSet ? "DELETE" : "PUT" }));
  } catch (error) {
    if (error.status === 401) openSignIn();
  }
}

/** In development nobody has to find out first how to sign in. */
function offerToTry() {
  place("try").classList.toggle("offered", canMint() && !current());
}

place("try").addEventListener("click", () => mintDemoToken("guest"));
offerToTry();
onSessionChange(async () => {
  offerToTry();
  await catalogue.showStanding();
  if (playback.current) count(playback.current, playback.audio);
});
showConnection(place("connection"));
catalogue.listenTo(/** @type {HTMLFormElement} */ (place("search")), place("sort"));
catalogue.load();
