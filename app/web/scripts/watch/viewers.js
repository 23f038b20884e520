/** How many watch an episode now, live. */

import { number } from "../shared/format.js";
import { ask, connection, onConnected } from "../shared/live.js";

const UPDATED = "episode-viewers-updated";

/**
 * Keep a mark up to date.
 * @param {HTMLElement} mark
 * @param {string} episodeId
 * @param {(name: string, body: unknown) => void} onHeard
 */
export function showViewers(mark, episodeId, onHeard) {
  const show = (viewers) => mark.replaceChildren(`${number(viewers)} watching now`);
  connection().on(UPDATED, (body) => {
    if (String(body.episodeId) !== episodeId) return;
    onHeard(UPDATED, body);
    show(body.viewers);
  });
  onConnected(async () => {
    const answer = await ask("subscribe", { episodeId }).catch(() => ({ ok: false }));
    if (answer.ok) show(answer.viewers);
  });
}
