/** The calls of the episodes wing: play, start, heartbeat, complete. */

import { ask } from "./asking.js";

/** @typedef {import("./asking.js").Answer} Answer */

/**
 * @typedef {object} EpisodeAccess
 * @property {string} [url] where the service is; the page's own origin when missing
 * @property {string} tenant
 * @property {import("./asking.js").GetToken} getToken
 */

export class EpisodeApi {
  #access;

  /** @param {EpisodeAccess} access */
  constructor(access) {
    this.#access = access;
  }

  /** @param {number | string} episodeId @returns {Promise<Answer>} */
  play(episodeId) {
    return this.#ask(`episodes/${encodeURIComponent(episodeId)}/play/`, undefined);
  }

  /** @param {"start" | "heartbeat" | "complete"} what @param {object} body @returns {Promise<Answer>} */
  tell(what, body) {
    return this.#ask(`views/${what}`, JSON.stringify(body));
  }

  /** @param {string} path @param {string | undefined} body */
  async #ask(path, body) {
    const { url = "", tenant, getToken } = this.#access;
    const given = getToken();
    const token = given instanceof Promise ? await given.catch(() => null) : given;
    const method = body === undefined ? "GET" : "POST";
    const headers = { "X-Tenant-Id": tenant };
    return ask(`${url}/api/series/${path}`, { method, token, body, headers, keepalive: body !== undefined });
  }
}
