/**
 * Hear of a song's counts: now, and whenever they change.
 * @param {string} songId id or slug
 * @param {(counts: SongCounts) => void} listener
 * @param {LiveOptions} [options]
 * @returns {() => void} ends it
 */
export function subscribeToSong(songId: string, listener: (counts: SongCounts) => void, options?: LiveOptions): () => void;
/**
 * Hear how many watch an episode. The connection needs a token of a member of the episode's tenant.
 * @param {number | string} episodeId
 * @param {(viewers: EpisodeViewers) => void} listener
 * @param {LiveOptions} [options]
 * @returns {() => void} ends it
 */
export function subscribeToEpisode(episodeId: number | string, listener: (viewers: EpisodeViewers) => void, options?: LiveOptions): () => void;
/**
 * What this needs of a socket of socket.io-client.
 */
export type SocketLike = {
    connected: boolean;
    on: (event: string, listener: (...args: any[]) => void) => unknown;
    off: (event: string, listener: (...args: any[]) => void) => unknown;
    emit: (event: string, ...args: any[]) => unknown;
    disconnect?: (() => unknown) | undefined;
};
export type LiveOptions = {
    /**
     * a connection that is there already
     */
    socket?: SocketLike | undefined;
    /**
     * of socket.io-client; the global `io` when missing
     */
    io?: ((url: string, options: object) => SocketLike) | undefined;
    /**
     * where the service is; the page's own origin when missing
     */
    url?: string | undefined;
    /**
     * for a connection that is made here
     */
    getToken?: (() => string | null | undefined) | undefined;
    /**
     * hears of a subscription that is refused
     */
    onError?: ((error: {
        code: string;
        error: string;
    }) => void) | undefined;
};
export type SongCounts = {
    songId: string;
    viewCount: number;
    likeCount: number;
    bookmarkCount: number;
};
export type EpisodeViewers = {
    episodeId: number;
    viewers: number;
};
