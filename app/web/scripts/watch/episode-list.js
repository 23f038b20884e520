/** Which episodes there are, by show and season. */

import { art } from "../player/art.js";
import { element } from "../shared/elements.js";
import { duration } from "../shared/format.js";
import { empty } from "../shared/states.js";

/** @param {Awaited<ReturnType<typeof import("./series.js").shows>>} shows */
export function episodeList(shows) {
  const filled = shows.filter((show) => show.seasons.some((season) => season.episodes.length > 0));
  if (filled.length === 0) return [empty("No episodes yet", "An admin of the tenant adds shows, seasons and episodes under /api/series/.")];
  return filled.map(oneShow);
}

function oneShow(show) {
  const seasons = show.seasons.filter((season) => season.episodes.length > 0);
  return element("section.show", {}, element("h2", {}, show.title), ...seasons.flatMap((season) => oneSeason(season, show)));
}

function oneSeason(season, show) {
  const cover = season.cover_image ?? show.cover_image;
  const name = season.title ?? `Season ${season.season_number}`;
  return [element("h3.soft", {}, name), element("ul.episodes", {}, ...season.episodes.map((episode) => oneEpisode(episode, cover)))];
}

/** @param {import("./series.js").Episode} episode @param {string | null} cover */
function oneEpisode(episode, cover) {
  const number = episode.episode_number === null ? "" : `Episode ${episode.episode_number} · `;
  const picture = art({ id: String(episode.id), slug: episode.title, thumbnailUrl: cover });
  const text = element(
    "div.episode-text",
    {},
    element("b", {}, episode.title),
    element("span.soft.small", {}, `${number}${duration(episode.duration_seconds)}`),
  );
  return element("li", {}, element("a.episode", { href: `/watch/${episode.id}` }, picture, text));
}
