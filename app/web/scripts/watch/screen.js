/** The place of the player: a poster first, because nothing is asked of YouTube before somebody wants to watch. */

import { element, icon } from "../shared/elements.js";

const PLAY = "M6 3.5 17 10 6 16.5z";
const NOTE = "The official player comes from YouTube, which then learns that you are here. Nothing was asked of it yet.";

/**
 * @param {import("./series.js").Episode} episode
 * @param {import("./own-watch.js").OwnWatch} own opens the player
 */
export function screen(episode, own) {
  const fault = element("p.bad-text", { role: "alert" });
  const button = element("button.button.primary", { type: "button" }, icon(PLAY, { filled: true }), "Open the player");
  const poster = element("div.poster", {}, button, element("p.small", {}, NOTE), fault);
  const place = element("div.screen", {}, poster);
  button.addEventListener("click", async () => {
    button.setAttribute("disabled", "");
    fault.textContent = "";
    await open(place, poster, fault, episode, own).catch(() => {});
    button.removeAttribute("disabled");
  });
  return place;
}

async function open(place, poster, fault, episode, own) {
  const say = (message) => {
    fault.textContent = message;
    poster.hidden = false;
  };
  place.querySelectorAll(":scope > :not(.poster)").forEach((one) => one.remove());
  const frame = element("div");
  place.prepend(frame);
  await own.open(frame, say);
  place.querySelector("iframe")?.setAttribute("title", episode.title);
  poster.hidden = true;
}
