/** Covers for songs that have none: bars whose heights and colours come from the song's name. */

import { element } from "../shared/elements.js";

const SVG = "http://www.w3.org/2000/svg";
const COLOURS = [
  ["#0b6b62", "#7fd6c4"],
  ["#7a3b12", "#f0b27a"],
  ["#38447f", "#aab4f5"],
  ["#7b2a52", "#f0a3c6"],
  ["#4e5a12", "#d3dc83"],
  ["#28505f", "#8fc9dd"],
];
const BARS = 7;

/**
 * The cover of a song.
 * @param {{id: string, slug: string | null, thumbnailUrl: string | null}} song
 */
export function art(song) {
  const place = element("div.art");
  place.append(song.thumbnailUrl ? element("img", { src: song.thumbnailUrl, alt: "", loading: "lazy" }) : bars(song.slug ?? song.id));
  return place;
}

/** @param {string} name */
function bars(name) {
  const seed = hash(name);
  const [ground, front] = COLOURS[seed % COLOURS.length];
  const svg = drawn("svg", { viewBox: "0 0 60 60", "aria-hidden": "true" });
  svg.append(drawn("rect", { x: -240, y: -60, width: 540, height: 180, fill: ground }));
  for (let at = 0; at < BARS; at++) {
    const height = 10 + (hash(`${name}${at}`) % 34);
    svg.append(drawn("rect", { x: 7 + at * 7, y: (60 - height) / 2, width: 4, height, rx: 2, fill: front, opacity: 0.9 }));
  }
  return svg;
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** A number for a text. @param {string} text */
function hash(text) {
  let value = 0x811c9dc5;
  for (const one of text) value = Math.imul(value ^ one.codePointAt(0), 105);
  return value >>> 0;
}
