/** Light or dark: what the system says, unless the switch says otherwise. */

const KEY = "playledger.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const changes = new EventTarget();

/** @returns {boolean} whether the page is dark now */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

/**
 * Change the colours, and remember it.
 * @param {boolean} dark
 */
export function setDark(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  try {
    localStorage.setItem(KEY, dark ? "dark" : "light");
  } catch {
    // It lasts for this page, then.
  }
  changes.dispatchEvent(new Event("change"));
}

/**
 * Hear of new colours: what is painted on a canvas has to be painted again.
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function onThemeChange(listener) {
  changes.addEventListener("change", listener);
  return () => changes.removeEventListener("change", listener);
}

/**
 * The value of a custom property, such as `--accent`.
 * @param {string} name
 */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

system.addEventListener("change", () => changes.dispatchEvent(new Event("change")));
