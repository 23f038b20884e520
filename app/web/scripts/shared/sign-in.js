/** The panel to sign in with: as somebody of the demo in development, with a token anywhere. */

import { element } from "./elements.js";
import { canMint, current, mintDemoToken, signIn, signOut } from "./session.js";

const PEOPLE = [
  ["listener", "Listener", "plays, likes and bookmarks"],
  ["guest", "New listener", "somebody whom nobody has been before"],
  ["artist", "Artist", "owns the songs and sees the dashboard"],
  ["admin", "Admin", "sees and may do everything"],
];

/** @type {HTMLDialogElement | null} */
let dialog = null;

/** Open the panel. */
export function openSignIn() {
  dialog?.remove();
  dialog = /** @type {HTMLDialogElement} */ (element("dialog.sign-in", { "aria-labelledby": "sign-in-title" }, panel()));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog?.close());
  document.body.append(dialog);
  dialog.showModal();
}

function panel() {
  const session = current();
  const fault = element("p.small.bad-text", { role: "alert" });
  const head = element("div.row.spread", {}, element("h2", { id: "sign-in-title" }, session ? "Signed in" : "Sign in"), closeButton());
  return element("div.stack", {}, head, session && whoIsThere(session), canMint() && people(fault), byToken(fault), fault);
}

function closeButton() {
  return element("button.button.quiet", { type: "button", onclick: () => dialog?.close() }, "Close");
}

/** @param {import("./session.js").Session} session */
function whoIsThere(session) {
  const roles = session.roles.length > 0 ? session.roles.join(", ") : "listener";
  const leave = element("button.button", { type: "button", onclick: () => finish(signOut) }, "Sign out");
  return element("div.notice", {}, element("p", {}, element("b", {}, session.userId), ` · ${roles}`), leave);
}

/** @param {HTMLElement} fault */
function people(fault) {
  const choose = (who) => attempt(fault, () => mintDemoToken(who));
  const buttons = PEOPLE.map(([who, name, text]) =>
    element("button.button.person", { type: "button", onclick: () => choose(who) }, element("b", {}, name), element("span.soft.small", {}, text)),
  );
  return element("div.stack.close", {}, element("p.soft", {}, "As somebody of the demo, which is possible in development only:"), ...buttons);
}

/** @param {HTMLElement} fault */
function byToken(fault) {
  const input = /** @type {HTMLInputElement} */ (
    element("input.input", { id: "sign-in-token", autocomplete: "off", spellcheck: "false", required: true })
  );
  const send = (event) => {
    event.preventDefault();
    attempt(fault, async () => signIn(input.value));
  };
  const label = element("label", { for: "sign-in-token" }, "With a token (JWT)");
  const row = element("div.row.joined", {}, input, element("button.button", { type: "submit" }, "Sign in"));
  return element("form.field", { onsubmit: send }, label, row);
}

/** @param {HTMLElement} fault @param {() => Promise<unknown>} act */
async function attempt(fault, act) {
  try {
    fault.textContent = "";
    await act();
    dialog?.close();
  } catch (error) {
    fault.textContent = error.message;
  }
}

/** @param {() => void} act */
function finish(act) {
  act();
  dialog?.close();
}
