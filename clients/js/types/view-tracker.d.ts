export class ViewTracker {
    /**
     * @param {HTMLMediaElement} element
     * @param {ViewTrackerOptions} options
     */
    constructor(element: HTMLMediaElement, options: ViewTrackerOptions);
    /**
     * Another song is in the element.
     * @param {Song} song
     */
    watch(song: Song): void;
    /** Let go of the element; a view that is on its way is still counted. */
    detach(): void;
    #private;
}
/**
 * What is to be shown. `isOptimistic` until the service has answered.
 */
export type Count = {
    songId: string;
    viewCount: number;
    hasViewed: boolean;
    isOptimistic: boolean;
};
export type Report = {
    durationMs: number;
    progressPct: number;
    isComplete: boolean;
};
export type ViewTrackerOptions = {
    /**
     * id or slug
     */
    songId: string;
    /**
     * nothing is counted while it gives none
     */
    getToken: import("./asking.js").GetToken;
    /**
     * where the service is; the page's own origin when missing
     */
    url?: string | undefined;
    /**
     * the count that is shown at present
     */
    viewCount?: number | undefined;
    /**
     * what the service says of this user and song; the count is not raised then
     */
    hasViewed?: boolean | undefined;
    onCount?: ((count: Count) => void) | undefined;
    /**
     * hears, a few times a second, how far it is
     */
    onListen?: ((report: Report & {
        songId: string;
    }) => void) | undefined;
    /**
     * hears of a view that is given up
     */
    onError?: ((error: import("./asking.js").Answer) => void) | undefined;
};
export type Song = {
    songId: string;
    viewCount?: number;
    hasViewed?: boolean;
};
