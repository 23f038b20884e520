export class EpisodeTracker {
    /**
     * @param {HTMLElement} element the player takes its place
     * @param {EpisodeOptions} options
     */
    constructor(element: HTMLElement, options: EpisodeOptions);
    /** Resolved when the player is there. @type {Promise<void>} */ ready: Promise<void>;
    /** Seconds of the content that were played in this view: what was jumped over is not in it, what was played twice is twice. */
    get totalSeconds(): number;
    /** Seconds of the content that were seen at least once since the player was opened. */
    get uniqueSeconds(): number;
    /** Report the rest, and remove the player. */
    destroy(): void;
    #private;
}
export type Answer = import("./asking.js").Answer;
export type WatchState = {
    playerState: number;
    position: number;
    totalSeconds: number;
    uniqueSeconds: number;
};
export type EpisodeOptions = {
    episodeId: number | string;
    tenant: string;
    getToken: import("./asking.js").GetToken;
    /**
     * where the service is; the page's own origin when missing
     */
    url?: string | undefined;
    deviceId?: string | undefined;
    /**
     * of the player
     */
    scriptUrl?: string | undefined;
    /**
     * YouTube's
     */
    playerOptions?: {
        host?: string;
        width?: string | number;
        height?: string | number;
    } | undefined;
    /**
     * YouTube's; controls stay, and nothing plays by itself
     */
    playerVars?: Record<string, unknown> | undefined;
    /**
     * also once a second
     */
    onState?: ((state: WatchState) => void) | undefined;
    /**
     * hears of every report
     */
    onAnswer?: ((sent: {
        call: string;
        body: object;
        answer: Answer;
    }) => void) | undefined;
    /**
     * YouTube's number, or the service's code
     */
    onError?: ((error: {
        code: number | string;
        error: string;
    }) => void) | undefined;
};
