import { describe, expect, test } from "vitest";
import {
  type BreakAbout,
  breakId,
  breakIdPrefix,
  coreSide,
  localSide,
  nthBreakId,
} from "#src/core/reconciliation/break-id.ts";
import { coreLine, localLine, PAST_MS, sha256 } from "./support.ts";

const about = (given: Partial<BreakAbout> = {}): BreakAbout => ({
  class: "AMOUNT",
  distributor_id: "B",
  line_id: "L1",
  core: coreSide(coreLine()),
  local: localSide(localLine()),
  ...given,
});

describe("breakId()", () => {
  test("names class, distributor, line and both sides", () => {
    expect(breakId(about({ core: "a", local: "b" }), sha256)).toBe("AMOUNT:B:L1:7e18f737311b2dc3");
  });

  test("is another for another difference", () => {
    const ids = [
      about(),
      about({ class: "STATUS" }),
      about({ distributor_id: "C" }),
      about({ line_id: "L2" }),
      about({ core: coreSide(coreLine({ amount_minor: 401 })) }),
      about({ local: "-" }),
      about({ core: "-", local: coreSide(coreLine()) }),
    ].map((each) => breakId(each, sha256));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("begins alike for all breaks of a class and a line, long or short", () => {
    for (const line_id of ["L1", "l".repeat(128)]) {
      const prefix = breakIdPrefix({ ...about({ line_id }) }, sha256);
      for (const core of ["-", coreSide(coreLine())]) {
        const id = breakId(about({ line_id, core }), sha256);
        expect([id.startsWith(prefix), id.length - prefix.length]).toEqual([true, 16]);
      }
    }
  });

  test("keeps room in 128 characters for what events put around it", () => {
    const long = about({ class: "MISSING_LOCAL", line_id: "l".repeat(128) });
    const id = breakId(long, sha256);
    expect(id).toMatch(/^MISSING_LOCAL:[0-9a-f]{32}:[0-9a-f]{16}$/);
    expect(breakId({ ...long, line_id: `${"l".repeat(127)}m` }, sha256)).not.toBe(id);
    const longest = about({ line_id: "l".repeat(100 - "AMOUNT:B::".length - 16) });
    expect(breakId(longest, sha256)).toHaveLength(100);
  });
});

test("a break that is there again is numbered", () => {
  expect([nthBreakId("X", 1), nthBreakId("X", 2)]).toEqual(["X", "X~2"]);
});

test("a side is its canonical line, or a dash", () => {
  expect(coreSide(coreLine())).toBe(`L1|B|USD|400|held|${PAST_MS}`);
  expect(localSide(localLine({ reversed_minor: 1 }))).toBe(`L1|B|USD|399|held|${PAST_MS}`);
  expect([coreSide(null), localSide(null)]).toEqual(["-", "-"]);
});
