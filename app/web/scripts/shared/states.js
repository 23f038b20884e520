/** What a place shows while there is nothing to show: loading, empty, failed, for others only. */

import { element, icon } from "./elements.js";
import { openSignIn } from "./sign-in.js";

const TRAY = "M3 11h4l1.5 2.5h3L13 11h4M3 11l2.5-6h9L17 11v5H3z";
const WARNING = "M10 3 18 17H2L10 3zM10 8v4M10 14.6v.1";
const LOCK = "M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3";

/**
 * Bars where lines of text will be.
 * @param {number} lines
 * @param {string} [label] for screen readers
 */
export function loading(lines = 3, label = "Loading") {
  const bars = Array.from({ length: lines }, () => element("span.skeleton"));
  return element("div.stack", { role: "status" }, element("span.unseen", {}, label), ...bars);
}

/** @param {string} title @param {string} [text] @param {...HTMLElement} actions */
export function empty(title, text = "", ...actions) {
  return element("div.state", {}, icon(TRAY, { size: 36 }), element("h3", {}, title), text && element("p", {}, text), ...actions);
}

/**
 * What went wrong, and a button to try again.
 * @param {Error} error
 * @param {(() => void) | null} [retry]
 */
export function failed(error, retry = null) {
  const again = retry && element("button.button", { type: "button", onclick: retry }, "Try again");
  const title = element("h3", {}, "This could not be loaded");
  return element("div.state.failed", { role: "alert" }, icon(WARNING, { size: 36 }), title, element("p", {}, error.message), again);
}

/** @param {string} title @param {string} text why one has to sign in */
export function forSignedIn(title, text) {
  const button = element("button.button.primary", { type: "button", onclick: () => openSignIn() }, "Sign in");
  return element("div.state", {}, icon(LOCK, { size: 36 }), element("h3", {}, title), element("p", {}, text), button);
}

/**
 * Fill a place with what is loaded: bars first, then the content, or what went wrong with a button to try again.
 * @template T
 * @param {HTMLElement} place
 * @param {() => Promise<T>} load
 * @param {(loaded: T) => Node | Node[]} show
 * @param {number} [lines] how many bars
 */
export async function fill(place, load, show, lines = 3) {
  place.setAttribute("aria-busy", "true");
  if (place.childElementCount === 0) place.replaceChildren(loading(lines));
  try {
    const shown = show(await load());
    place.replaceChildren(...(Array.isArray(shown) ? shown : [shown]));
  } catch (error) {
    place.replaceChildren(failed(error, () => { place.replaceChildren(); fill(place, load, show, lines); }));
  } finally {
    place.removeAttribute("aria-busy");
  }
}
