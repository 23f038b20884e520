import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { StatsCollector } from "../src/stats-collector.js";
import { Service } from "./service.js";
import { MemoryStorage, withStorage } from "./storage.js";

/** @type {Service} */ let service;
/** @type {StatsCollector[]} */ let collectors;

beforeEach(async () => {
  withStorage();
  collectors = [];
  service = await new Service().start();
});

afterEach(async () => {
  for (const collector of collectors) collector.close();
  await service.stop();
});

function collecting(options = {}) {
  const collector = new StatsCollector({ url: service.url, flushMs: 20, ...options });
  collectors.push(collector);
  return collector;
}

function track(collector, count) {
  for (let number = 0; number < count; number++) collector.track({ type: "like", trackId: "t", action: "like" });
}

async function until(look) {
  for (let tries = 0; !look(); tries++) {
    assert.ok(tries < 1000, `never: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function tokenOf(user) {
  return `x.${btoa(JSON.stringify({ sub: user }))}.y`;
}

test("50 a request, in order, each once", async () => {
  const collector = collecting();
  track(collector, 120);
  await until(() => collector.size === 0);
  assert.equal(service.counted.size, 120);
  assert.deepEqual(service.requests.map(({ events }) => events.length), [50, 50, 20]);
});

test("an id is made once and kept over retries", async () => {
  service.next = [{ status: 503, headers: { "Retry-After": "1" } }];
  const collector = collecting();
  const id = collector.track({ type: "like", trackId: "t", action: "like" });
  await until(() => service.counted.size === 1);
  assert.deepEqual(service.requests.map(({ events }) => events[0].eventId), [id, id]);
  assert.deepEqual(service.requests[0].events, service.requests[1].events);
  assert.ok(service.requests[1].at - service.requests[0].at >= 990);
});

test("what is refused for good is told and not sent again", async () => {
  service.next = [{ status: 400, body: { code: "VALIDATION_ERROR" } }];
  const dropped = [];
  const collector = collecting({ onDrop: (count, reason) => dropped.push([count, reason]) });
  track(collector, 3);
  await until(() => dropped.length);
  assert.deepEqual(dropped, [[3, "VALIDATION_ERROR"]]);
  track(collector, 1);
  await until(() => service.counted.size === 1);
  assert.equal(service.requests.length, 2);
});

test("what one has done is never sent with the token of another", async () => {
  let user = "ann";
  const collector = collecting({ flushMs: 60_000, getToken: () => user && tokenOf(user) });
  track(collector, 2);
  user = "bob";
  track(collector, 1);
  user = null;
  track(collector, 1);
  user = "bob";
  await collector.flush();
  const sent = service.requests.map(({ events, token }) => [events.length, token]);
  assert.deepEqual(sent, [[2, undefined], [1, `Bearer ${tokenOf("bob")}`], [1, undefined]]);
});

test("a token that takes a while is waited for", async () => {
  const collector = collecting({ getToken: async () => tokenOf("ann") });
  track(collector, 1);
  await until(() => service.counted.size === 1);
  assert.equal(service.requests[0].token, `Bearer ${tokenOf("ann")}`);
});

test("what is closed while the service is away is sent by the next one", async () => {
  service.next = Array(2).fill({ status: 503 });
  const first = collecting();
  track(first, 7);
  await until(() => service.requests.length === 1);
  first.close();
  await until(() => service.requests.length === 2);
  const before = Object.keys(localStorage).length;
  collecting();
  await until(() => service.counted.size === 7);
  await until(() => Object.keys(localStorage).length === 0);
  assert.equal(before, 1);
});

test("without a storage the oldest go when there are too many", async () => {
  MemoryStorage.room = 0;
  let dropped = 0;
  const collector = collecting({ maxQueue: 10, flushMs: 60_000, onDrop: (count) => (dropped += count) });
  track(collector, 25);
  assert.deepEqual([collector.size, dropped], [10, 15]);
});

test("what is kept is bounded, and what is too old for the service is given up", async () => {
  const prefix = `playledger.kept:${service.url}/api/stats/events:`;
  const old = Date.now() - 8 * 24 * 3600 * 1000;
  localStorage.setItem(`${prefix}${old}:a`, '{"owner":null,"events":[{},{}]}');
  localStorage.setItem(`${prefix}${Date.now()}:b`, "broken");
  const dropped = [];
  collecting({ onDrop: (count, reason) => dropped.push([count, reason]) });
  await until(() => Object.keys(localStorage).length === 0);
  assert.deepEqual([dropped, service.requests.length], [[[2, "too old"]], 0]);
});

test("an event without a type or a track is a mistake of the caller", () => {
  const collector = collecting();
  assert.throws(() => collector.track({ type: "play" }), TypeError);
  assert.throws(() => collector.track(undefined), TypeError);
});
