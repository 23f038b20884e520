import assert from "node:assert/strict";
import { test } from "node:test";
import { WatchLog } from "../src/watch-log.js";

function logged() {
  const clock = { ms: 0 };
  return { clock, log: new WatchLog(() => clock.ms) };
}

test("a heartbeat every 15 seconds", () => {
  const { clock, log } = logged();
  const sent = [];
  for (let second = 0; second < 120; second++) {
    clock.ms = second * 1000;
    log.add({ from: second, to: second + 1 });
    if (log.next(false)) sent.push(second);
  }
  assert.deepEqual(sent.slice(0, 4), [15, 30, 45, 60]);
});

test("never more than four a minute, however hard it is pressed", () => {
  const { clock, log } = logged();
  const sent = [];
  for (let ms = 0; ms < 300_000; ms += 250) {
    clock.ms = ms;
    log.add({ from: ms, to: ms + 0.2 });
    if (log.next(true)) sent.push(ms);
  }
  assert.ok(sent.length >= 16);
  for (let last = 4; last < sent.length; last++) assert.ok(sent[last] - sent[last - 4] > 60_000);
});

test("stretches that a seek has parted are told apart, with their own ends", () => {
  const { clock, log } = logged();
  log.add({ from: 0, to: 3 });
  log.add({ from: 3, to: 7 });
  log.add({ from: 100, to: 104 });
  clock.ms = 9000;
  assert.deepEqual(log.next(false), { from: 0, to: 7 });
  clock.ms = 11_500;
  assert.equal(log.next(false), null);
  assert.deepEqual(log.next(true), { from: 100, to: 104 });
  assert.ok(log.isEmpty);
});

test("a long time without the network is told in pieces, and what is put back comes first", () => {
  const { clock, log } = logged();
  log.add({ from: 0, to: 300 });
  clock.ms = 300_000;
  const first = log.next(true);
  assert.deepEqual(first, { from: 0, to: 120 });
  log.putBack(first);
  clock.ms += 60_000;
  assert.deepEqual(log.next(true), first);
});

test("a day of seeks without the network stays in bounds", () => {
  const { clock, log } = logged();
  for (let number = 0; number < 10_000; number++) log.add({ from: number * 2, to: number * 2 + 1 });
  let told = 0;
  for (; !log.isEmpty; told++) {
    clock.ms += 61_000;
    log.next(true);
  }
  assert.equal(told, 200);
});
