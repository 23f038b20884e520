/** One song of the list: its cover with the button to play it, its counts, and what the listener thinks of it. */

import { element, icon } from "../shared/elements.js";
import { duration, number } from "../shared/format.js";
import { art } from "./art.js";

const PLAY = "M6 3.5 17 10 6 16.5z";
const PAUSE = "M5 3.5h3.5v13H5zM11.5 3.5H15v13h-3.5z";
const HEART = "M10 17S3 12.6 3 7.9A3.9 3.9 0 0 1 10 5.6a3.9 3.9 0 0 1 7 2.3C17 12.6 10 17 10 17z";
const BOOKMARK = "M5.5 3h9v14L10 13.5 5.5 17z";

/**
 * @typedef {{
 *   id: string, slug: string | null, title: string, artist: string, audioUrl: string | null, thumbnailUrl: string | null,
 *   duration: number, viewCount: number, likeCount: number, bookmarkCount: number,
 *   hasViewed?: boolean, hasLiked?: boolean, hasBookmarked?: boolean,
 * }} Song `duration` in milliseconds
 * @typedef {{play: (row: SongRow) => void, react: (row: SongRow, kind: "like" | "bookmark") => void}} Acts
 */

export class SongRow {
  /** @param {Song} song @param {Acts} acts */
  constructor(song, acts) {
    this.song = song;
    this.isPlaying = false;
    this._plays = element("b.number");
    this._yours = element("span.small.soft");
    this._play = element("button", { type: "button", onclick: () => acts.play(this) }, element("span"));
    this._like = element("button.button.quiet.reaction", { type: "button", onclick: () => acts.react(this, "like") });
    this._bookmark = element("button.button.quiet.reaction", { type: "button", onclick: () => acts.react(this, "bookmark") });
    this.element = this._build();
    this.show({});
    this.showPlaying(false, false);
  }

  _build() {
    const { title, artist, duration: ms } = this.song;
    const cover = art(this.song);
    cover.append(this._play);
    const about = element("p.soft.small", {}, `${artist} · ${duration(ms / 1000)}`);
    return element(
      "li.song",
      { "data-song": this.song.id },
      cover,
      element("div.song-name", {}, element("h3", {}, title), about),
      element("div.plays", {}, this._plays, this._yours),
      element("div.reactions", {}, this._like, this._bookmark),
    );
  }

  /**
   * Show what has changed. Plays never fall.
   * @param {Partial<Song>} changes
   */
  show(changes) {
    const before = this.song.viewCount;
    const viewCount = Math.max(before, changes.viewCount ?? 0);
    this.song = { ...this.song, ...changes, viewCount };
    this._showPlays(viewCount > before);
    const { likeCount, bookmarkCount, hasLiked, hasBookmarked } = this.song;
    reaction(this._like, HEART, "Like", likeCount, hasLiked);
    reaction(this._bookmark, BOOKMARK, "Bookmark", bookmarkCount, hasBookmarked);
  }

  _showPlays(hasRisen) {
    const { viewCount, hasViewed } = this.song;
    this._plays.textContent = number(viewCount);
    this._yours.textContent = hasViewed ? "yours counted" : viewCount === 1 ? "play" : "plays";
    this._yours.classList.toggle("yours", Boolean(hasViewed));
    if (!hasRisen) return;
    this._plays.classList.remove("risen");
    requestAnimationFrame(() => this._plays.classList.add("risen"));
  }

  /** @param {boolean} isCurrent @param {boolean} isPlaying */
  showPlaying(isCurrent, isPlaying) {
    this.isPlaying = isPlaying;
    this.element.classList.toggle("current", isCurrent);
    this._play.setAttribute("aria-label", `${isPlaying ? "Pause" : "Play"} ${this.song.title}`);
    this._play.firstElementChild?.replaceChildren(icon(isPlaying ? PAUSE : PLAY, { size: 16, filled: true }));
  }
}

function reaction(button, path, name, count, isSet) {
  button.setAttribute("aria-pressed", String(Boolean(isSet)));
  button.setAttribute("aria-label", `${name}, ${number(count)}`);
  button.replaceChildren(icon(path, { size: 18 }), number(count));
}
