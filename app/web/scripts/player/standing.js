/** Says in the bar whether the play that goes on is counted. */

import { bearer } from "../shared/session.js";

/** @typedef {{isCounted?: boolean, hasFailed?: boolean, leftMs?: number}} Standing `leftMs` until it counts */

/** @param {Standing} standing */
export function showStanding(standing) {
  const mark = /** @type {HTMLElement} */ (document.getElementById("bar-standing"));
  const [kind, words] = said(standing);
  mark.className = `mark bar-standing ${kind}`;
  // Written only when it differs: screen readers read it out each time.
  if (mark.textContent !== words) mark.textContent = words;
}

/** @param {Standing} standing */
function said({ isCounted, hasFailed, leftMs = 0 }) {
  if (!bearer()) return ["warn", "Sign in to be counted"];
  if (isCounted) return ["good", "✓ Counted once"];
  if (hasFailed) return ["bad", "Not counted"];
  return ["accent", leftMs > 0 ? `Counts in ${Math.ceil(leftMs / 1000)} s` : "Counting…"];
}
