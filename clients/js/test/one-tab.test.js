import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alone } from "../src/one-tab.js";
import { withStorage } from "./storage.js";

beforeEach(() => {
  withStorage();
  // Newer versions of Node have locks: these tests are about browsers without.
  if (globalThis.navigator?.locks) Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
});

test("of many that begin at once one does it", async () => {
  let done = 0;
  const work = async () => {
    done += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const was = await Promise.all(Array.from({ length: 20 }, () => alone("n", work)));
  assert.deepEqual([done, was.filter(Boolean).length], [1, 1]);
});

test("the next may when it is done, also after a failure", async () => {
  await assert.rejects(alone("n", () => Promise.reject(new Error("broken"))));
  assert.equal(await alone("n", async () => {}), true);
});

test("a lease of a tab that has died runs out", async () => {
  localStorage.setItem("n", JSON.stringify({ holder: "dead", until: Date.now() + 60_000 }));
  assert.equal(await alone("n", async () => {}), false);
  localStorage.setItem("n", JSON.stringify({ holder: "dead", until: Date.now() - 1 }));
  assert.equal(await alone("n", async () => {}), true);
});
