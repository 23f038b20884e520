/** How many listen at present, of all tracks that are shown, as the service tells. */

import { number } from "../shared/format.js";
import { ask, connection, onConnected } from "../shared/live.js";

/**
 * Keep a mark up to date; it is not shown while nobody listens.
 * @param {HTMLElement} mark
 * @returns {(trackIds: string[]) => void} says which tracks
 */
export function countListeners(mark) {
  /** @type {Map<string, number>} */
  const listening = new Map();
  const show = () => {
    const all = [...listening.values()].reduce((sum, one) => sum + one, 0);
    mark.hidden = all === 0;
    mark.textContent = `${number(all)} listening now`;
  };
  const join = async (trackId) => {
    const answer = await ask("subscribe", { trackId }).catch(() => null);
    if (answer?.ok) listening.set(trackId, answer.listeners);
    show();
  };
  connection().on("track-listeners-updated", ({ trackId, listeners }) => {
    if (listening.has(trackId)) listening.set(trackId, listeners);
    show();
  });
  onConnected(() => listening.forEach((_count, trackId) => join(trackId)));
  return (trackIds) => trackIds.filter((one) => !listening.has(one)).forEach((one) => { listening.set(one, 0); join(one); });
}
