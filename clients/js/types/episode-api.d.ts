/** @typedef {import("./asking.js").Answer} Answer */
/**
 * @typedef {object} EpisodeAccess
 * @property {string} [url] where the service is; the page's own origin when missing
 * @property {string} tenant
 * @property {import("./asking.js").GetToken} getToken
 */
export class EpisodeApi {
    /** @param {EpisodeAccess} access */
    constructor(access: EpisodeAccess);
    /** @param {number | string} episodeId @returns {Promise<Answer>} */
    play(episodeId: number | string): Promise<Answer>;
    /** @param {"start" | "heartbeat" | "complete"} what @param {object} body @returns {Promise<Answer>} */
    tell(what: "start" | "heartbeat" | "complete", body: object): Promise<Answer>;
    #private;
}
export type Answer = import("./asking.js").Answer;
export type EpisodeAccess = {
    /**
     * where the service is; the page's own origin when missing
     */
    url?: string | undefined;
    tenant: string;
    getToken: import("./asking.js").GetToken;
};
