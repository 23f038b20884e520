/** What moves in the head of every page: the switch of colours, and who is signed in. */

import { current, onSessionChange } from "./session.js";
import { openSignIn } from "./sign-in.js";
import { isDark, onThemeChange, setDark } from "./theme.js";

const themeSwitch = /** @type {HTMLButtonElement} */ (document.getElementById("theme-switch"));
const who = /** @type {HTMLButtonElement} */ (document.getElementById("who"));
const name = /** @type {HTMLElement} */ (document.getElementById("who-name"));

function showTheme() {
  themeSwitch.setAttribute("aria-pressed", String(isDark()));
}

function showWho() {
  const session = current();
  name.textContent = session ? session.userId : "Sign in";
  who.title = session ? `Signed in as ${session.userId}` : "";
}

themeSwitch.addEventListener("click", () => setDark(!isDark()));
who.addEventListener("click", openSignIn);
onThemeChange(showTheme);
onSessionChange(showWho);
showTheme();
showWho();
