/** Live numbers over Socket.IO: rooms are joined anew after each reconnect, and no view count ever falls. */

/**
 * What this needs of a socket of socket.io-client.
 * @typedef {object} SocketLike
 * @property {boolean} connected
 * @property {(event: string, listener: (...args: any[]) => void) => unknown} on
 * @property {(event: string, listener: (...args: any[]) => void) => unknown} off
 * @property {(event: string, ...args: any[]) => unknown} emit
 * @property {() => unknown} [disconnect]
 */

/**
 * @typedef {object} LiveOptions
 * @property {SocketLike} [socket] a connection that is there already
 * @property {(url: string, options: object) => SocketLike} [io] of socket.io-client; the global `io` when missing
 * @property {string} [url] where the service is; the page's own origin when missing
 * @property {() => string | null | undefined} [getToken] for a connection that is made here
 * @property {(error: {code: string, error: string}) => void} [onError] hears of a subscription that is refused
 */

/** @typedef {{songId: string, viewCount: number, likeCount: number, bookmarkCount: number}} SongCounts */
/** @typedef {{episodeId: number, viewers: number}} EpisodeViewers */

const ANSWER_MS = 10_000;
const AGAIN_MS = 5000;
const FINAL = ["NOT_FOUND", "FORBIDDEN", "UNAUTHORIZED", "VALIDATION_ERROR", "CONFLICT"];

/** How many listen to a room over one socket: the last to go leaves it. @type {WeakMap<SocketLike, Map<string, number>>} */
const joined = new WeakMap();
/** @type {Map<string, {socket: SocketLike, users: number}>} */
const connections = new Map();

/**
 * Hear of a song's counts: now, and whenever they change.
 * @param {string} songId id or slug
 * @param {(counts: SongCounts) => void} listener
 * @param {LiveOptions} [options]
 * @returns {() => void} ends it
 */
export function subscribeToSong(songId, listener, options = {}) {
  let views = 0;
  return subscribe({ songId }, "copyright-free-song-interaction-updated", options, (counts) => {
    if (counts.songId !== undefined && counts.songId !== songId) return;
    // An answer and an update can overtake each other.
    views = Math.max(views, counts.viewCount);
    listener({ songId, viewCount: views, likeCount: counts.likeCount, bookmarkCount: counts.bookmarkCount });
  });
}

/**
 * Hear how many watch an episode. The connection needs a token of a member of the episode's tenant.
 * @param {number | string} episodeId
 * @param {(viewers: EpisodeViewers) => void} listener
 * @param {LiveOptions} [options]
 * @returns {() => void} ends it
 */
export function subscribeToEpisode(episodeId, listener, options = {}) {
  const id = Number(episodeId);
  return subscribe({ episodeId: id }, "episode-viewers-updated", options, (update) => {
    if (update.episodeId !== undefined && Number(update.episodeId) !== id) return;
    listener({ episodeId: id, viewers: update.viewers });
  });
}

/**
 * @param {object} room
 * @param {string} event
 * @param {LiveOptions} options
 * @param {(update: any) => void} listener
 */
function subscribe(room, event, options, listener) {
  const { socket, release } = options.socket ? { socket: options.socket, release() {} } : connect(options);
  let isOver = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  const join = () => {
    clearTimeout(again);
    again = setTimeout(join, ANSWER_MS);
    socket.emit("subscribe", room, answered);
  };
  const answered = (/** @type {any} */ answer) => {
    clearTimeout(again);
    if (isOver) return;
    if (answer.ok) return listener(answer);
    if (FINAL.includes(answer.code)) options.onError?.(answer);
    else again = setTimeout(join, AGAIN_MS);
  };
  const lost = () => clearTimeout(again);
  socket.on("connect", join);
  socket.on("disconnect", lost);
  socket.on(event, listener);
  const isLast = enter(socket, JSON.stringify(room));
  if (socket.connected) join();
  return () => {
    if (isOver) return;
    isOver = true;
    lost();
    socket.off("connect", join);
    socket.off("disconnect", lost);
    socket.off(event, listener);
    if (isLast() && socket.connected) socket.emit("unsubscribe", room, () => {});
    release();
  };
}

/** @param {SocketLike} socket @param {string} room @returns {() => boolean} leaves; whether nobody is left */
function enter(socket, room) {
  const rooms = joined.get(socket) ?? new Map();
  joined.set(socket, rooms);
  rooms.set(room, (rooms.get(room) ?? 0) + 1);
  return () => {
    const left = rooms.get(room) - 1;
    if (left) rooms.set(room, left);
    else rooms.delete(room);
    return left === 0;
  };
}

/** One connection for all subscriptions to a service, closed with the last of them. @param {LiveOptions} options */
function connect({ url = "", io = /** @type {any} */ (globalThis).io, getToken }) {
  if (!io) throw new TypeError("Pass a socket, or io of socket.io-client");
  const auth = (/** @type {(data: object) => void} */ give) => {
    const token = getToken?.();
    give(token ? { token } : {});
  };
  const there = connections.get(url) ?? { socket: io(url || location.origin, { auth, transports: ["websocket"] }), users: 0 };
  connections.set(url, there);
  there.users += 1;
  const release = () => {
    there.users -= 1;
    if (there.users) return;
    connections.delete(url);
    there.socket.disconnect?.();
  };
  return { socket: there.socket, release };
}
