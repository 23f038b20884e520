import assert from "node:assert/strict";
import { test } from "node:test";
import { PlayStats } from "../src/play-stats.js";

function played(options = {}) {
  const events = [];
  return { events, stats: new PlayStats({ collector: { track: (event) => events.push(event) }, ...options }) };
}

test("plays of 20 seconds and more", () => {
  const { events, stats } = played({ trackDuration: 40 });
  for (const seconds of [0, 19.999, 20, 50, Number.NaN, -1]) {
    stats.trackPlayStart("t", "search", "p");
    stats.trackPlayEnd("t", seconds);
  }
  const told = events.map(({ duration, completionRate, skipped, replayed }) => [duration, completionRate, skipped, replayed]);
  assert.deepEqual(told, [[20, 50, false, false], [50, 100, false, true]]);
  assert.deepEqual([events[0].source, events[0].playlistId], ["search", "p"]);
});

test("skips when they are wanted", () => {
  const { events, stats } = played({ reportSkips: true });
  stats.trackPlayEnd("t", 5);
  assert.deepEqual([events[0].skipped, events[0].completionRate], [true, undefined]);
});

test("an end without a start and without a duration is nothing", () => {
  const { events, stats } = played();
  stats.trackPlayEnd("t");
  assert.deepEqual(events, []);
});

test("everything has the session, and sessions differ", () => {
  const { events, stats } = played({ source: "landing" });
  stats.trackLike("t");
  stats.trackSave("t", "p", "unsave");
  stats.trackShare("t", "copy_link");
  stats.trackDownload("t");
  assert.deepEqual(events.map(({ type }) => type), ["like", "save", "share", "download"]);
  assert.ok(events.every(({ sessionId, source }) => sessionId === stats.sessionId && source === "landing"));
  assert.match(stats.sessionId, /^session_\d+_[0-9a-f]+$/);
  assert.notEqual(played().stats.sessionId, stats.sessionId);
});
