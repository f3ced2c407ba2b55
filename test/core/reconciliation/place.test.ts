import { describe, expect, test } from "vitest";
import { differ } from "#src/core/reconciliation/differ.ts";
import type { KnownBreak } from "#src/core/reconciliation/judge.ts";
import { aboutOf, placeOf } from "#src/core/reconciliation/place.ts";
import { NOW_MS } from "../support/events.ts";
import { contextOf, coreLine, knownOf } from "./support.ts";

describe("placeOf()", () => {
  test("serves balances too", () => {
    const about = { class: "BALANCE_ONLY", distributor_id: "B", line_id: "x" } as const;
    const place = placeOf({ ...about, core: "a", local: "b" }, contextOf());
    expect(place.at).toMatchObject({ is_new: true, opened_ms: NOW_MS });
  });

  const [missing] = differ([coreLine()], []).differences;
  const placed = (known: Partial<KnownBreak> = {}) => {
    if (missing === undefined) throw new Error("Nothing differs");
    const about = aboutOf("MISSING_LOCAL", missing);
    const { break_id } = placeOf(about, contextOf()).at;
    const kept = knownOf({ break_id, opened_ms: 7, outcome: null, ...known });
    return placeOf(about, contextOf({ known: kept }));
  };

  test("is as old as the break is that is open, and decides nothing", () => {
    expect(placed()).toMatchObject({ at: { opened_ms: 7, is_new: false } });
    expect(placed().verdict).toBeUndefined();
  });

  test("says what is decided already", () => {
    expect(placed({ outcome: "accepted" }).verdict).toEqual({ action: "none", why: "accepted" });
    expect(placed({ refused: true }).verdict).toEqual({ action: "none", why: "refused" });
  });

  test("is another break behind one that is over", () => {
    const { break_id } = placed().at;
    expect(placed({ outcome: "gone" }).at).toEqual({
      break_id: `${break_id}~2`,
      opened_ms: NOW_MS,
      is_new: true,
    });
  });
});
