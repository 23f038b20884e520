/** Ids that are made once, and whose token it is. */
/**
 * An id that nobody else makes: a UUID of version 7. It begins with its time, so that the service finds the ids of one
 * moment side by side, however many it has.
 * @param {number} [now] milliseconds since 1970
 * @returns {string}
 */
export function newId(now?: number): string;
/** @returns {string} tells one listening session from the others */
export function newSessionId(): string;
/**
 * Who a token was made for; nothing is checked, that is for the service.
 * @param {string | null | undefined} token
 * @returns {string | null}
 */
export function userOf(token: string | null | undefined): string | null;
