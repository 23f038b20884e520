/** What stands in the place of the dashboard for those who have none. */

import { element } from "../shared/elements.js";
import { canMint, mintDemoToken } from "../shared/session.js";
import { empty, forSignedIn } from "../shared/states.js";

const gate = /** @type {HTMLElement} */ (document.getElementById("gate"));
const shownInstead = ["board", "controls"].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));

const SENTENCES = {
  "signed-out": ["Your listeners are waiting", "Sign in as an artist to see plays, sources, and what your listeners do next."],
  "no-artist": ["No artist profile", "This account is not an artist's. Sign in as one, or ask an admin to add you."],
};

/** @param {keyof typeof SENTENCES} why */
export function showGate(why) {
  const [title, text] = SENTENCES[why];
  const state = why === "signed-out" ? forSignedIn(title, text) : empty(title, text);
  if (canMint()) state.append(demoButton());
  gate.replaceChildren(state);
  gate.hidden = false;
  for (const part of shownInstead) part.hidden = true;
}

export function hideGate() {
  gate.hidden = true;
  for (const part of shownInstead) part.hidden = false;
}

function demoButton() {
  const fault = element("span.bad-text", { role: "alert" });
  const signIn = () => mintDemoToken("artist").catch((error) => { fault.textContent = error.message; });
  return element("p", {}, element("button.button", { type: "button", onclick: signIn }, "Look around as the demo artist"), " ", fault);
}
