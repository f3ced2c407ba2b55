import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  gapAlert,
  gapKey,
  heldAlert,
  parseGapKey,
  pausedAlert,
  quotaAlert,
} from "#src/core/operation/pipeline-alerts.ts";

describe("a gap's key", () => {
  test("tells its place, and nothing else is one", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.nat(),
        fc.nat(),
        (subject, source, epoch, fromSeq) => {
          const key = gapKey({ subject, source, epoch, fromSeq });
          expect(parseGapKey(key)).toEqual([subject, source, epoch, fromSeq]);
        },
      ),
    );
  });

  test.each(["", "x", "[", '["a","b",0]', '["a","b",0,"1"]', '[1,"b",0,1]', "{}", "null", '["a'])(
    "is not %j",
    (text) => {
      expect(parseGapKey(text)).toBeUndefined();
    },
  );
});

test.each([
  { fromSeq: 7, toSeq: 7, says: "number 7:" },
  { fromSeq: 7, toSeq: 9, says: "numbers 7 to 9:" },
])("a gap says which numbers are missing: $says", ({ says, ...seqs }) => {
  const gap = { subject: "dist:B", source: "core", epoch: 0, sinceMs: 5, ...seqs };
  expect(gapAlert(gap)).toMatchObject({ severity: "page", subject: "dist:B", since_ms: 5 });
  expect(gapAlert(gap).detail).toContain(says);
});

test.each([
  { state: "dead", severity: "page" },
  { state: "quarantined", severity: "ticket" },
  { state: "conflict", severity: "ticket" },
] as const)("events that are $state are one alert a source, of severity $severity", (of) => {
  const told = heldAlert({ state: of.state, source: "shop", events: 4, oldestMs: 2 });
  expect(told).toMatchObject({ kind: of.state, key: "shop", severity: of.severity, since_ms: 2 });
  expect([told.detail, told.query]).toEqual([
    expect.stringMatching(/^4 of source shop /),
    { state: of.state },
  ]);
});

test("a pause is to be known, and to be looked at once something waits", () => {
  const of = (isHolding: boolean) => pausedAlert({ source: "shop", pausedMs: 1, isHolding });
  expect([of(false).severity, of(true).severity]).toEqual(["info", "ticket"]);
});

test("a quota that is reached says how many there were", () => {
  expect(quotaAlert({ used: 12, limit: 10, sinceMs: 3 })).toMatchObject({
    key: "events_per_day",
    detail: expect.stringMatching(/^12 events today, 10 /),
    place: ["usage"],
  });
});
