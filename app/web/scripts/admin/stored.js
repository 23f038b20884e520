/** How much there is of everything. */

import { data } from "../shared/api.js";
import { facts, tile } from "../shared/figures.js";
import { compact, number } from "../shared/format.js";
import { every } from "../shared/polling.js";
import { failed, loading } from "../shared/states.js";

const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const EVENTS = ["play_events", "like_events", "save_events", "share_events", "download_events"];

/** @returns {() => void} ends it */
export function startStored() {
  at("stored").replaceChildren(loading(6));
  show(null);
  return every(15, async () => {
    try {
      show((await data("/api/admin/stats/holdings")).documents);
    } catch (error) {
      at("stored").replaceChildren(failed(error));
      throw error;
    }
  });
}

/** @param {Record<string, number> | null} documents */
function show(documents) {
  const events = documents && EVENTS.reduce((sum, name) => sum + documents[name], 0);
  at("tile-stored").replaceChildren(tile({ label: "Raw events", value: compact(events), note: "in the database", kind: "plain" }));
  if (!documents) return;
  at("stored").replaceChildren(
    facts([
      ["Songs", number(documents.songs)],
      ["Views of songs", number(documents.views)],
      ["Likes and bookmarks", number(documents.likes + documents.bookmarks)],
      ["Artists, tracks", `${number(documents.artists)}, ${number(documents.tracks)}`],
      ["Raw events", number(events)],
      ["Licensed tracks", number(documents.licensed_tracks)],
    ]),
  );
}
