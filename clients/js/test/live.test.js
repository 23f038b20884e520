import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { subscribeToEpisode, subscribeToSong } from "../src/live.js";

const UPDATED = "copyright-free-song-interaction-updated";

/** Keeps the interface of a socket of socket.io-client, and lets a test be the other side. */
class Socket {
  connected = true;
  sent = [];
  #heard = new EventEmitter();

  on = (event, listener) => this.#heard.on(event, listener);
  off = (event, listener) => this.#heard.off(event, listener);
  emit = (event, body, answer) => this.sent.push({ event, body, answer });
  disconnect = () => (this.connected = false);

  hear(event, ...values) {
    this.#heard.emit(event, ...values);
  }

  get listeners() {
    return this.#heard.eventNames().length;
  }
}

const counts = (viewCount) => ({ songId: "s", viewCount, likeCount: 0, bookmarkCount: 0 });

test("joined now and after each reconnect, and the count never falls", () => {
  const socket = new Socket();
  const shown = [];
  subscribeToSong("s", ({ viewCount }) => shown.push(viewCount), { socket });
  socket.hear(UPDATED, counts(9));
  socket.sent[0].answer({ ok: true, viewCount: 8 });
  socket.hear("disconnect");
  socket.hear("connect");
  socket.sent[1].answer({ ok: true, viewCount: 12 });
  socket.hear(UPDATED, { ...counts(99), songId: "another" });
  assert.deepEqual(shown, [9, 9, 12]);
  assert.deepEqual(socket.sent.map(({ event, body }) => [event, body.songId]), [["subscribe", "s"], ["subscribe", "s"]]);
});

test("the last one to go leaves the room, and all is let go", () => {
  const socket = new Socket();
  const leaves = [1, 2].map(() => subscribeToSong("s", () => {}, { socket }));
  for (const { answer } of socket.sent.splice(0)) answer({ ok: true, viewCount: 0 });
  leaves[0]();
  leaves[0]();
  assert.equal(socket.sent.length, 0);
  leaves[1]();
  assert.deepEqual(socket.sent.map(({ event }) => event), ["unsubscribe"]);
  assert.equal(socket.listeners, 0);
});

test("a refusal is told", () => {
  const socket = new Socket();
  const errors = [];
  const leave = subscribeToEpisode(7, () => {}, { socket, onError: ({ code }) => errors.push(code) });
  assert.deepEqual(socket.sent[0].body, { episodeId: 7 });
  socket.sent[0].answer({ ok: false, code: "NOT_FOUND", error: "Episode not found" });
  assert.deepEqual(errors, ["NOT_FOUND"]);
  leave();
});

test("one connection is made for all, and closed with the last", () => {
  const made = [];
  const io = (url, options) => {
    made.push([url, options.transports]);
    return (made.socket = new Socket());
  };
  const options = { io, url: "https://api.example.com" };
  const leaves = ["7", "8"].map((id) => subscribeToEpisode(id, () => {}, options));
  assert.deepEqual(made.slice(), [["https://api.example.com", ["websocket"]]]);
  for (const { answer } of made.socket.sent) answer({ ok: true, viewers: 1 });
  leaves[0]();
  assert.equal(made.socket.connected, true);
  leaves[1]();
  assert.equal(made.socket.connected, false);
});

test("without a socket and without io it says so", () => {
  assert.throws(() => subscribeToSong("s", () => {}), TypeError);
});
