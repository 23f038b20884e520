/** Ids that are made once, and whose token it is. */
/** @returns {string} an id that nobody else makes */
export function newId(): string;
/** @returns {string} tells one listening session from the others */
export function newSessionId(): string;
/**
 * Who a token was made for; nothing is checked, that is for the service.
 * @param {string | null | undefined} token
 * @returns {string | null}
 */
export function userOf(token: string | null | undefined): string | null;
