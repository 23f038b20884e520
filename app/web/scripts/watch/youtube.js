/** The official player: loaded when somebody asks for it, with its own controls, and never started by us. */

const NO_COOKIES = "https://www.youtube-nocookie.com";

/** @type {Promise<any> | null} */
let library = null;

/** Load YouTube's script once. @returns {Promise<any>} `YT` */
function youtube() {
  library ??= new Promise((resolve, reject) => {
    const there = /** @type {any} */ (globalThis);
    there.onYouTubeIframeAPIReady = () => resolve(there.YT);
    const script = document.createElement("script");
    script.src = document.documentElement.dataset.playerScript ?? "";
    script.addEventListener("error", () => {
      library = null;
      script.remove();
      reject(new Error("YouTube's player could not be loaded"));
    });
    document.head.append(script);
  });
  return library;
}

/**
 * Put the player of a video into a place.
 * @param {HTMLElement} place is replaced by the player's frame
 * @param {string} videoId
 * @returns {Promise<any>} a `YT.Player` that is ready
 */
export async function officialPlayer(place, videoId) {
  const YT = await youtube();
  return new Promise((resolve, reject) => {
    const player = new YT.Player(place, {
      host: NO_COOKIES,
      videoId,
      width: "100%",
      height: "100%",
      playerVars: { autoplay: 0, controls: 1, playsinline: 1, rel: 0, origin: location.origin },
      events: {
        onReady: () => resolve(player),
        onError: (event) => reject(new Error(`YouTube does not play this video (error ${event.data})`)),
      },
    });
  });
}
