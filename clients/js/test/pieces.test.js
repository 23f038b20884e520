import assert from "node:assert/strict";
import { test } from "node:test";
import { asBody, entryOf, MOST_BYTES, piecesOf } from "../src/pieces.js";

const event = (number, extra = "") => ({ type: "play", trackId: `t${number}`, extra });

test("no piece is larger than a beacon, in bytes and not in letters", () => {
  const entries = Array.from({ length: 1000 }, (_, number) => entryOf(event(number, "🎵".repeat(50)), null));
  const pieces = piecesOf(entries);
  assert.ok(pieces.length > 3);
  for (const piece of pieces) assert.ok(Buffer.byteLength(asBody(piece.entries)) <= MOST_BYTES);
  assert.deepEqual(pieces.flatMap((piece) => piece.entries), entries);
});

test("people are kept apart", () => {
  const owners = ["a", "a", null, "b", "b"];
  const pieces = piecesOf(owners.map((owner, number) => entryOf(event(number), owner)));
  assert.deepEqual(pieces.map((piece) => [piece.owner, piece.entries.length]), [["a", 2], [null, 1], ["b", 2]]);
});

test("nothing makes no piece", () => assert.deepEqual(piecesOf([]), []));
