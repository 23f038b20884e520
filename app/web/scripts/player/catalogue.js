/** The list of songs: searched, ordered, loaded page by page. */

import { data, withQuery } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { bearer } from "../shared/session.js";
import { empty, failed } from "../shared/states.js";
import { SongRow } from "./song-row.js";

export const SONGS = "/api/audio/copyright-free";
const PAGE = 24;
const TYPING_MS = 250;

export class Catalogue {
  /**
   * @param {HTMLElement} place
   * @param {import("./song-row.js").Acts} acts
   * @param {(rows: SongRow[]) => void} onShown hears of all rows whenever they change
   */
  constructor(place, acts, onShown) {
    this._place = place;
    this._acts = acts;
    this._onShown = onShown;
    this._asked = 0;
    /** @type {SongRow[]} */
    this.rows = [];
  }

  /** Search as somebody types, order as they choose. @param {HTMLFormElement} search @param {HTMLElement} sort */
  listenTo(search, sort) {
    let waiting = 0;
    const query = () => String(search.querySelector("input")?.value ?? "").trim();
    const order = () => sort.querySelector("input:checked")?.getAttribute("value");
    const load = () => this.load({ query: query(), sort: order() });
    search.addEventListener("submit", (event) => { event.preventDefault(); load(); });
    search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(load, TYPING_MS); });
    sort.addEventListener("change", load);
  }

  /** Show the first page of what was asked for. @param {{query?: string, sort?: string | null}} asked */
  async load(asked = {}) {
    const turn = ++this._asked;
    this._place.setAttribute("aria-busy", "true");
    try {
      const page = await this._page(asked);
      if (turn === this._asked) this._show(page, asked);
    } catch (error) {
      if (turn === this._asked) this._place.replaceChildren(failed(error, () => this.load(asked)));
    } finally {
      this._place.removeAttribute("aria-busy");
    }
  }

  /** What the listener has done with each song, for whoever is signed in. */
  async showStanding() {
    if (!bearer()) {
      for (const row of this.rows) row.show({ hasViewed: false, hasLiked: false, hasBookmarked: false });
      return;
    }
    await Promise.allSettled(this.rows.map(async (row) => row.show(await data(`${SONGS}/${row.song.id}`))));
  }

  _page(asked, cursor = null) {
    return data(withQuery(SONGS, { ...asked, limit: PAGE, cursor }));
  }

  _show(page, asked) {
    this.rows = this._rowsOf(page);
    this._list = element("ul.songs", {}, ...this.rows.map((row) => row.element));
    this._place.replaceChildren(...(this.rows.length > 0 ? [this._list] : [nothing(asked)]));
    this._offerMore(page.nextCursor, asked);
    this._told();
  }

  _offerMore(cursor, asked) {
    if (!cursor) return;
    const button = element("button.button.more", { type: "button" }, "Show more songs");
    button.addEventListener("click", async () => {
      button.setAttribute("disabled", "");
      const page = await this._page(asked, cursor).catch(() => null);
      button.remove();
      if (!page) return this._offerMore(cursor, asked);
      const rows = this._rowsOf(page);
      this.rows.push(...rows);
      this._list.append(...rows.map((row) => row.element));
      this._offerMore(page.nextCursor, asked);
      this._told();
      rows[0]?.element.querySelector("button")?.focus();
    });
    this._place.append(button);
  }

  _rowsOf(page) {
    const known = new Map(this.rows.map((row) => [row.song.id, row]));
    return page.items.map((song) => {
      const row = known.get(song.id) ?? new SongRow(song, this._acts);
      row.show(song);
      return row;
    });
  }

  _told() {
    this._onShown(this.rows);
    this.showStanding();
  }
}

function nothing(asked) {
  if (asked.query) return empty("No song matches", `There is none with “${asked.query}” in its title or its artist.`);
  return empty("No songs yet", "An admin adds them at /api/admin/copyright-free, or `playledger seed-demo` loads a few.");
}
