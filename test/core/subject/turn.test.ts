import { expect, test } from "vitest";
import { turnKey, turnsOf } from "#src/core/subject/turn.ts";

test.each([
  [
    { source: "core", epoch: 1 },
    { source: "core", epoch: 10 },
  ],
  [
    { source: "a", epoch: 0 },
    { source: 'a",0]:', epoch: 0 },
  ],
])("turns of %j are no turns of %j", (one, other) => {
  expect(turnKey(one, 7).startsWith(turnsOf(one))).toBe(true);
  expect(turnKey(other, 7).startsWith(turnsOf(one))).toBe(false);
  expect(turnKey(one, 7)).not.toBe(turnKey(one, 70));
});
