/** The episodes of a tenant: shows, seasons, episodes, and what is known of who watched them. */

import { call, withQuery } from "../shared/api.js";
import { current } from "../shared/session.js";

const SERIES = "/api/series";
const MOST = 100;

/** @typedef {{id: number, season_id: number, title: string, video_id: string, duration_seconds: number, episode_number: number | null}} Episode */
/** @typedef {{at_seconds: number, retention: number, heat: number}} Point */

/** The tenant of whoever is signed in; the first, when there are several. */
export function tenant() {
  return current()?.tenants[0] ?? null;
}

/** @param {string} path @param {Record<string, string | number>} [query] @returns {Promise<any>} */
function ask(path, query = {}) {
  return call(withQuery(`${SERIES}${path}`, query), { headers: { "X-Tenant-Id": tenant() ?? "" } });
}

/**
 * All shows with their seasons, and these with their episodes; the first hundred of each.
 * @returns {Promise<{id: number, title: string, seasons: any[]}[]>}
 */
export async function shows() {
  const [found, seasons, episodes] = await Promise.all(
    ["/shows/", "/seasons/", "/episodes/"].map(async (path) => (await ask(path, { limit: MOST })).results),
  );
  const within = (parent, children, key) => children.filter((one) => one[`${key}_id`] === parent.id);
  return found.map((show) => ({
    ...show,
    seasons: within(show, seasons, "show").map((season) => ({ ...season, episodes: within(season, episodes, "season") })),
  }));
}

/** @param {number | string} id @returns {Promise<Episode>} */
export const episode = (id) => ask(`/episodes/${id}/`);

/** @param {number | string} id @returns {Promise<{view_count: number, unique_viewers: number, total_watch_time: number, unique_seconds: number, completion_rate: number}>} */
export const metrics = (id) => ask(`/episodes/${id}/metrics/`);

/** @param {number | string} id @returns {Promise<{duration_seconds: number, views: number, points: Point[]}>} */
export const retention = (id) => ask(`/episodes/${id}/retention/`);
