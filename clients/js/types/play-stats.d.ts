export class PlayStats {
    /** @param {PlayStatsOptions} options */
    constructor(options: PlayStatsOptions);
    sessionId: string;
    /** @type {PlayStatsOptions} */ options: PlayStatsOptions;
    /**
     * A track begins to sound.
     * @param {string} trackId
     * @param {Source} [source]
     * @param {string} [playlistId]
     */
    trackPlayStart: (trackId: string, source?: Source, playlistId?: string) => void;
    /**
     * It has ended or was paused. Plays under 20 seconds are not reported.
     * @param {string} trackId
     * @param {number} [duration] seconds listened; since its start when missing
     * @param {boolean} [skipped] whether it was under 20 seconds, when missing
     */
    trackPlayEnd: (trackId: string, duration?: number, skipped?: boolean) => void;
    /** @param {string} trackId @param {"like" | "unlike"} [action] */
    trackLike: (trackId: string, action?: "like" | "unlike") => void;
    /** @param {string} trackId @param {string} playlistId @param {"save" | "unsave"} [action] */
    trackSave: (trackId: string, playlistId: string, action?: "save" | "unsave") => void;
    /** @param {string} trackId @param {Platform} platform */
    trackShare: (trackId: string, platform: Platform) => void;
    /** @param {string} trackId */
    trackDownload: (trackId: string) => void;
    /** Everything that still sounds ends now. */
    endAll: () => void;
    #private;
}
export type Source = import("./stats-collector.js").Source;
export type Platform = import("./stats-collector.js").Platform;
export type Collector = {
    track(event: import("./stats-collector.js").StatsEvent): string;
    beforeHide?(work: () => void): () => void;
};
export type PlayStatsOptions = {
    collector: Collector;
    /**
     * of what names no other; `player` when missing
     */
    source?: import("./stats-collector.js").Source | undefined;
    playlistId?: string | undefined;
    /**
     * seconds, for the completion rate
     */
    trackDuration?: number | ((trackId: string) => number | undefined) | undefined;
    /**
     * shorter plays are not reported; 20 when missing
     */
    minSeconds?: number | undefined;
    /**
     * report them all the same, as skipped
     */
    reportSkips?: boolean | undefined;
};
export type Play = {
    trackId: string;
    at: number;
    source?: Source;
    playlistId?: string;
};
