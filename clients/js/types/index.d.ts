export { EpisodeTracker } from "./episode-tracker.js";
export { PlayStats } from "./play-stats.js";
export { StatsCollector } from "./stats-collector.js";
export { ViewTracker } from "./view-tracker.js";
export { subscribeToEpisode, subscribeToSong } from "./live.js";
