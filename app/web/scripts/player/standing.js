/** Says in the bar whether the play that goes on is counted. */

import { bearer } from "../shared/session.js";

const WORDS = {
  idle: ["", ""],
  listening: ["", ""],
  sending: ["accent", "Counting…"],
  counted: ["good", "✓ Counted once"],
  anonymous: ["warn", "Sign in to be counted"],
  failed: ["bad", "Not counted: try again"],
};

/**
 * @param {import("./views.js").Standing} standing
 * @param {number} leftMs until it counts
 */
export function showStanding(standing, leftMs) {
  const mark = /** @type {HTMLElement} */ (document.getElementById("bar-standing"));
  const [kind, words] = standing === "listening" ? listening(leftMs) : WORDS[standing];
  mark.className = `mark bar-standing ${kind}`;
  // Written only when it differs: screen readers read it out each time.
  if (mark.textContent !== words) mark.textContent = words;
}

function listening(leftMs) {
  if (!bearer()) return WORDS.anonymous;
  return ["accent", `Counts in ${Math.ceil(leftMs / 1000)} s`];
}
