/** The player page: puts its parts together. */

import { data } from "../shared/api.js";
import { showExchanges } from "../shared/exchanges.js";
import { showConnection } from "../shared/live.js";
import { bearer, canMint, current, mintDemoToken, onSessionChange } from "../shared/session.js";
import { openSignIn } from "../shared/sign-in.js";
import { Catalogue, SONGS } from "./catalogue.js";
import { Listening } from "./listening.js";
import { LiveCounts } from "./live-counts.js";
import { Playback } from "./playback.js";
import { showStanding } from "./standing.js";

const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

showExchanges(place("exchanges"), place("exchanges-clear"));
const live = new LiveCounts();
const playback = new Playback((row) => listening.watch(row));
const listening = new Listening(playback.audio, showStanding);
const catalogue = new Catalogue(place("songs"), { play: (row) => playback.toggle(row), react }, (rows) => {
  playback.setQueue(rows);
  live.follow(rows);
});

/** Like or bookmark a song, or take it back. */
async function react(row, kind) {
  if (!bearer()) return openSignIn();
  const isSet = kind === "like" ? row.song.hasLiked : row.song.hasBookmarked;
  try {
    row.show(await data(`${SONGS}/${row.song.id}/${kind}`, { method: isSet ? "DELETE" : "PUT" }));
    if (kind === "like") listening.stats.trackLike(row.song.id, isSet ? "unlike" : "like");
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
  listening.anew();
});
showConnection(place("connection"));
catalogue.listenTo(/** @type {HTMLFormElement} */ (place("search")), place("sort"));
catalogue.load();
