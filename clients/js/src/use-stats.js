/** The hook `useStats`, for whichever React it is given. */

import { PlayStats } from "./play-stats.js";

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
export function makeUseStats(React) {
  return function useStats(options) {
    const held = React.useRef(/** @type {PlayStats | null} */ (null));
    const stats = (held.current ??= new PlayStats(options));
    React.useEffect(() => {
      stats.options = options;
    });
    React.useEffect(() => {
      const forget = options.collector.beforeHide?.(stats.endAll);
      return () => {
        forget?.();
        stats.endAll();
      };
    }, [stats, options.collector]);
    return stats;
  };
}
