import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ID_CHARS_MAX, placeId, readPlace, resumesAt } from "#src/core/live/place.ts";
import { sha256 } from "../support/memory-store.ts";

const hashAt = (position: number) => sha256(`row ${position}`);
const log = (head: number) => ({
  head,
  hashAt: (position: number) => (position <= head ? hashAt(position) : undefined),
});

describe("placeId() and readPlace()", () => {
  test("what the one writes the other reads, and it is short", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 53 - 1 }), (position) => {
        const id = placeId({ position, hash: hashAt(position) });
        expect(readPlace(id)).toEqual({ position, mark: hashAt(position).slice(0, 8) });
        expect(id.length).toBeLessThanOrEqual(ID_CHARS_MAX);
        expect(readPlace(String(position))).toEqual({ position });
      }),
    );
  });

  test.each([
    "",
    "x",
    "-1",
    "01",
    "1.5",
    "1e3",
    "1-",
    "1-ABCDEF00",
    "1-abcdef0",
    " 1",
    "9".repeat(17),
  ])("«%s» is no place", (text) => expect(readPlace(text)).toBeUndefined());
});

describe("resumesAt()", () => {
  const mark = hashAt(7).slice(0, 8);
  test.each([
    { name: "a place of this log", place: { position: 7, mark }, after: 7 },
    { name: "a bare position", place: { position: 7 }, after: 7 },
    { name: "the head itself", place: { position: 10 }, after: 10 },
    { name: "as far back as is allowed", place: { position: 5 }, after: 5 },
    { name: "further back", place: { position: 4 }, after: undefined },
    { name: "the future", place: { position: 11 }, after: undefined },
    { name: "another log", place: { position: 7, mark: "00000000" }, after: undefined },
  ])("$name: $after", ({ place, after }) => {
    expect(resumesAt(place, log(10), 5)).toBe(after);
  });
});
