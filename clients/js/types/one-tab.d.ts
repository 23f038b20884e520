/**
 * Do it, unless another tab is at it.
 * @param {string} name
 * @param {() => Promise<void>} work
 * @returns {Promise<boolean>} whether it was this tab
 */
export function alone(name: string, work: () => Promise<void>): Promise<boolean>;
