/** How many watch an episode now, live. */

import { subscribeToEpisode } from "../../client/index.js";
import { number } from "../shared/format.js";
import { connection } from "../shared/live.js";

/**
 * Keep a mark up to date.
 * @param {HTMLElement} mark
 * @param {string} episodeId
 */
export function showViewers(mark, episodeId) {
  const show = ({ viewers }) => mark.replaceChildren(`${number(viewers)} watching now`);
  subscribeToEpisode(episodeId, show, { socket: connection() });
}
