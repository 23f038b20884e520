/** The page of admins: every section begins when an admin is there, and ends when they sign out. */

import { element } from "../shared/elements.js";
import { canMint, current, hasRole, mintDemoToken, onSessionChange } from "../shared/session.js";
import { empty, forSignedIn } from "../shared/states.js";
import { startCourse } from "./course.js";
import { startDrift } from "./drift.js";
import { startIngest } from "./ingest.js";
import { startJobs } from "./jobs.js";
import { startLicences } from "./licences.js";
import { startProviders } from "./providers.js";
import { startRollups } from "./rollups.js";
import { startStored } from "./stored.js";
import { startSyncs } from "./syncs.js";

const gate = /** @type {HTMLElement} */ (document.getElementById("gate"));
const SECTIONS = [startIngest, startRollups, startCourse, startDrift, startStored, startProviders, startSyncs, startLicences, startJobs];

/** @type {(() => void)[]} */
let ends = [];

function start() {
  for (const end of ends) end();
  const isAdmin = hasRole("admin");
  for (const id of ["board", "controls"]) /** @type {HTMLElement} */ (document.getElementById(id)).hidden = !isAdmin;
  gate.hidden = isAdmin;
  ends = isAdmin ? SECTIONS.map((begin) => begin()) : [];
  if (!isAdmin) showGate();
}

function showGate() {
  const state = current()
    ? empty("For admins only", "This account has not the role admin. Sign in as somebody who has.")
    : forSignedIn("For admins only", "Sign in as an admin to see what comes in and what runs.");
  if (canMint()) state.append(element("button.button", { type: "button", onclick: () => mintDemoToken("admin") }, "Look around as the demo admin"));
  gate.replaceChildren(state);
}

onSessionChange(start);
start();
