/** @typedef {import("./play-stats.js").PlayStatsOptions} PlayStatsOptions */
/**
 * @typedef {object} ReactLike
 * @property {<T>(initial: T) => {current: T}} useRef
 * @property {(effect: () => void | (() => void), dependencies?: readonly unknown[]) => void} useEffect
 */
/**
 * The six functions; they stay the same over renders.
 * @typedef {Pick<PlayStats, "trackPlayStart" | "trackPlayEnd" | "trackLike" | "trackSave" | "trackShare" | "trackDownload" | "sessionId">} Stats
 */
/**
 * @param {ReactLike} React
 * @returns {(options: PlayStatsOptions) => Stats}
 */
export function makeUseStats(React: ReactLike): (options: PlayStatsOptions) => Stats;
export type PlayStatsOptions = import("./play-stats.js").PlayStatsOptions;
export type ReactLike = {
    useRef: <T>(initial: T) => {
        current: T;
    };
    useEffect: (effect: () => void | (() => void), dependencies?: readonly unknown[]) => void;
};
/**
 * The six functions; they stay the same over renders.
 */
export type Stats = Pick<PlayStats, "trackPlayStart" | "trackPlayEnd" | "trackLike" | "trackSave" | "trackShare" | "trackDownload" | "sessionId">;
import { PlayStats } from "./play-stats.js";
