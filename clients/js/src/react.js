/** `@playledger/client/react`: the hook, for the React that is installed. */

// @ts-ignore: React is a peer, and its types are those of whoever installs it.
import * as React from "react";
import { makeUseStats } from "./use-stats.js";

/** @type {(options: import("./play-stats.js").PlayStatsOptions) => import("./use-stats.js").Stats} */
export const useStats = makeUseStats(React);
