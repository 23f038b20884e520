/** The place of the player: a poster first, because nothing is asked of YouTube before somebody wants to watch. */

import { element, icon } from "../shared/elements.js";
import { officialPlayer } from "./youtube.js";

const PLAY = "M6 3.5 17 10 6 16.5z";

/**
 * @param {import("./series.js").Episode} episode
 * @param {(player: any) => void} onPlayer hears of the player once it is ready
 */
export function screen(episode, onPlayer) {
  const place = element("div.screen");
  const fault = element("p.bad-text", { role: "alert" });
  const button = element("button.button.primary", { type: "button" }, icon(PLAY, { filled: true }), "Open the player");
  const note = "The official player comes from YouTube, which then learns that you are here. Nothing was asked of it yet.";
  place.append(element("div.poster", {}, button, element("p.small", {}, note), fault));
  button.addEventListener("click", () => open(place, episode, onPlayer, button, fault));
  return place;
}

async function open(place, episode, onPlayer, button, fault) {
  button.setAttribute("disabled", "");
  fault.textContent = "";
  const frame = element("div", { title: episode.title });
  place.append(frame);
  try {
    const player = await officialPlayer(frame, episode.video_id);
    place.querySelector(".poster")?.remove();
    place.querySelector("iframe")?.setAttribute("title", episode.title);
    onPlayer(player);
  } catch (error) {
    place.querySelectorAll("iframe, div:not(.poster)").forEach((one) => one.remove());
    button.removeAttribute("disabled");
    fault.textContent = error.message;
  }
}
