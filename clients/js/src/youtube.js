/** Loads YouTube's IFrame player, or what stands in for it. */

export const PLAYER_SCRIPT = "https://www.youtube.com/iframe_api";

/** `YT.PlayerState`. */
export const PLAYING = 1;
export const ENDED = 0;
export const BUFFERING = 3;

/**
 * What this needs of a player.
 * @typedef {object} Player
 * @property {() => number} getCurrentTime
 * @property {() => number} getPlaybackRate
 * @property {() => void} destroy
 */

/** @typedef {{Player: new (element: HTMLElement, options: object) => Player}} YouTube */

/** @type {Map<string, Promise<YouTube>>} */
const loading = new Map();

/**
 * @param {string} script its address
 * @returns {Promise<YouTube>}
 */
export function loadYouTube(script) {
  const there = present();
  if (there) return Promise.resolve(there);
  const promise = loading.get(script) ?? insert(script);
  loading.set(script, promise);
  promise.catch(() => loading.delete(script));
  return promise;
}

/** @returns {YouTube | null} */
function present() {
  const { YT } = /** @type {any} */ (globalThis);
  return YT?.Player ? YT : null;
}

/** @param {string} script @returns {Promise<YouTube>} */
function insert(script) {
  return new Promise((resolve, reject) => {
    const page = /** @type {any} */ (globalThis);
    const before = page.onYouTubeIframeAPIReady;
    page.onYouTubeIframeAPIReady = () => {
      before?.();
      resolve(page.YT);
    };
    const element = document.createElement("script");
    element.src = script;
    element.onerror = () => {
      element.remove();
      reject(new Error("The player could not be loaded"));
    };
    document.head.append(element);
  });
}
