/** One audio element for the page, and the bar that shows and steers it. */

import { icon } from "../shared/elements.js";
import { duration } from "../shared/format.js";

const PLAY = "M6 3.5 17 10 6 16.5z";
const PAUSE = "M5 3.5h3.5v13H5zM11.5 3.5H15v13h-3.5z";
const STEPS = 1000;

/** @typedef {import("./song-row.js").SongRow} SongRow */

export class Playback {
  /** @param {(row: SongRow) => void} onSong hears of each song before it begins */
  constructor(onSong) {
    this.audio = new Audio();
    this.audio.preload = "metadata";
    /** @type {SongRow | null} */
    this.current = null;
    /** @type {SongRow[]} */
    this.queue = [];
    this._onSong = onSong;
    this._listen();
  }

  /** Play a song, or pause it when it is the one that plays. @param {SongRow} row */
  toggle(row) {
    if (this.current?.song.id !== row.song.id) this._begin(row);
    else if (this.audio.paused) this.audio.play().catch(() => this._showState());
    else this.audio.pause();
  }

  /** What is before and behind the song that plays. @param {SongRow[]} rows */
  setQueue(rows) {
    this.queue = rows;
    const playing = rows.find((row) => row.song.id === this.current?.song.id);
    if (playing) this.current = playing;
    part("play").disabled = rows.length === 0;
    this._showState();
  }

  /** @param {number} by 1 is the next one */
  step(by) {
    const at = this._at();
    const row = this.queue[at + by];
    if (row) this._begin(row);
  }

  /** @param {SongRow} row */
  _begin(row) {
    this.audio.pause();
    this.current?.showPlaying(false, false);
    this.current = row;
    this._onSong(row);
    this.audio.src = row.song.audioUrl ?? "";
    part("title").textContent = row.song.title;
    part("artist").textContent = row.song.artist;
    part("position").disabled = false;
    this.audio.play().catch(() => this._showState());
  }

  _listen() {
    for (const name of ["play", "pause", "ended", "emptied"]) this.audio.addEventListener(name, () => this._showState());
    for (const name of ["timeupdate", "durationchange", "emptied"]) this.audio.addEventListener(name, () => this._showTime());
    this.audio.addEventListener("ended", () => this.step(1));
    part("play").addEventListener("click", () => (this.current ? this.toggle(this.current) : this.step(1)));
    part("previous").addEventListener("click", () => this.step(-1));
    part("next").addEventListener("click", () => this.step(1));
    part("position").addEventListener("input", () => this._seek());
  }

  _seek() {
    if (Number.isFinite(this.audio.duration)) this.audio.currentTime = (part("position").value / STEPS) * this.audio.duration;
  }

  _showState() {
    const isPlaying = !this.audio.paused && !this.audio.ended;
    this.current?.showPlaying(true, isPlaying);
    part("play").setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    part("play").replaceChildren(icon(isPlaying ? PAUSE : PLAY, { filled: true }));
    const at = this._at();
    part("previous").disabled = at < 1;
    part("next").disabled = at < 0 || at >= this.queue.length - 1;
  }

  _showTime() {
    const { currentTime, duration: whole } = this.audio;
    const length = Number.isFinite(whole) ? whole : (this.current?.song.duration ?? 0) / 1000;
    part("elapsed").textContent = duration(currentTime);
    part("duration").textContent = duration(length);
    part("position").value = String(length > 0 ? Math.round((currentTime / length) * STEPS) : 0);
    part("position").setAttribute("aria-valuetext", `${duration(currentTime)} of ${duration(length)}`);
  }

  _at() {
    return this.queue.findIndex((row) => row.song.id === this.current?.song.id);
  }
}

/** A part of the bar. @param {string} name @returns {any} */
function part(name) {
  return document.getElementById(`bar-${name}`);
}
