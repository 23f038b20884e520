/**
 * @param {string} script its address
 * @returns {Promise<YouTube>}
 */
export function loadYouTube(script: string): Promise<YouTube>;
/** Loads YouTube's IFrame player, or what stands in for it. */
export const PLAYER_SCRIPT: "https://www.youtube.com/iframe_api";
/** `YT.PlayerState`. */
export const PLAYING: 1;
export const ENDED: 0;
export const BUFFERING: 3;
/**
 * What this needs of a player.
 */
export type Player = {
    getCurrentTime: () => number;
    getPlaybackRate: () => number;
    destroy: () => void;
};
export type YouTube = {
    Player: new (element: HTMLElement, options: object) => Player;
};
