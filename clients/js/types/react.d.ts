/** @type {(options: import("./play-stats.js").PlayStatsOptions) => import("./use-stats.js").Stats} */
export const useStats: (options: import("./play-stats.js").PlayStatsOptions) => import("./use-stats.js").Stats;
