/**
 * One request. It never throws.
 * @param {string} url
 * @param {Asking} asking
 * @returns {Promise<Answer>}
 */
export function ask(url: string, { method, token, body, type, headers, keepalive }: Asking): Promise<Answer>;
/** @param {number} status @returns {boolean} whether the same request may do better later */
export function mayRetry(status: number): boolean;
/**
 * How long to wait before the next attempt: what the service asks for, else twice as long each time, with jitter.
 * @param {number} failures so far, from 1
 * @param {number | null} retryAfterMs
 * @returns {number} ms
 */
export function pauseAfter(failures: number, retryAfterMs: number | null): number;
/**
 * Wait, and end the waiting early when the network comes back.
 * @param {number} ms
 * @param {AbortSignal} [signal] ends it too
 * @returns {Promise<void>}
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void>;
/**
 * What gives the bearer token of whoever is signed in; `null` when nobody is.
 */
export type GetToken = () => string | null | undefined | Promise<string | null | undefined>;
/**
 * `status` is 0 when nobody was reached; `body` is `null` when it was no JSON.
 */
export type Answer = {
    status: number;
    body: any;
    retryAfterMs: number | null;
};
export type Asking = {
    method?: string | undefined;
    token?: string | null | undefined;
    body?: string | undefined;
    /**
     * of the body
     */
    type?: string | undefined;
    headers?: Record<string, string> | undefined;
    /**
     * also when the page goes away meanwhile; at most 64 KiB at a time
     */
    keepalive?: boolean | undefined;
};
