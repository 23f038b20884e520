import assert from "node:assert/strict";
import { test } from "node:test";
import { Meter } from "../src/meter.js";
import { Seen } from "../src/seen.js";

function metered() {
  const clock = { ms: 0 };
  const meter = new Meter(0.5, () => clock.ms);
  const look = (ms, position, plays = true, rate = 1) => {
    clock.ms = ms;
    return meter.look(position, plays, rate);
  };
  return { meter, look };
}

test("what is played is counted, what is jumped over is not", () => {
  const { meter, look } = metered();
  look(0, 0);
  assert.deepEqual(look(1000, 1), { from: 0, to: 1 });
  assert.equal(look(1250, 90), null);
  assert.deepEqual(look(2250, 91), { from: 90, to: 91 });
  assert.equal(look(2500, 5), null);
  look(3500, 6);
  assert.deepEqual([meter.seconds, meter.listenedMs], [3, 3000]);
});

test("a pause and a stall are no listening", () => {
  const { meter, look } = metered();
  look(0, 0);
  look(1000, 1, false);
  look(9000, 1, true);
  look(10_000, 1);
  look(11_000, 2);
  assert.deepEqual([meter.seconds, meter.listenedMs], [2, 2000]);
});

test("twice as fast is twice the content in the same time", () => {
  const { meter, look } = metered();
  look(0, 0, true, 2);
  look(1000, 2, true, 2);
  look(2000, 4, true, 1);
  look(3000, 5, true, 1);
  assert.deepEqual([meter.seconds, meter.listenedMs], [5, 3000]);
});

test("after a cut a small step back or forth counts nothing", () => {
  const { meter, look } = metered();
  look(0, 0);
  meter.cut();
  look(250, 0.4);
  assert.equal(meter.seconds, 0);
});

test("what was seen twice is seen once", () => {
  const seen = new Seen();
  for (const [from, to] of [[10, 20], [0, 5], [4, 11], [30, 31], [12, 13]]) seen.add({ from, to });
  assert.equal(seen.seconds, 21);
});

test("the order does not matter", () => {
  const stretches = Array.from({ length: 60 }, (_, number) => ({ from: (number * 37) % 100, to: ((number * 37) % 100) + 1 + (number % 3) }));
  const sum = (all) => {
    const seen = new Seen();
    for (const stretch of all) seen.add(stretch);
    return seen.seconds;
  };
  assert.equal(sum(stretches), sum([...stretches].reverse()));
});
