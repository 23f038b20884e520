/** Makes elements: text is always text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name the tag, with classes: `p.soft.small`
 * @param {Record<string, unknown>} [properties] attributes; `on…` are listeners; null and false are left out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function element(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length > 0) made.className = classes.join(" ");
  setAll(made, properties);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/**
 * An icon of strokes; `path` is the `d` of it, in a square of 20.
 * @param {string} path
 * @param {{size?: number, filled?: boolean}} [how]
 */
export function icon(path, { size = 20, filled = false } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  const look = filled ? { fill: "currentColor" } : { fill: "none", stroke: "currentColor", "stroke-width": 1.7 };
  const joins = { "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
  setAll(svg, { width: size, height: size, viewBox: "0 0 20 20", ...look, ...joins });
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** @param {Element} made @param {Record<string, unknown>} properties */
function setAll(made, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else made.setAttribute(key, value === true ? "" : String(value));
  }
}
