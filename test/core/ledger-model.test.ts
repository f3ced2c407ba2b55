import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "../support/gateway/compare.ts";
import { arrivalsOf, play, script } from "../support/gateway/play.ts";
import { histories } from "../support/histories/history.ts";
import { naive } from "../support/naive/naive.ts";
import { runs } from "../support/runs.ts";

describe("the pure core, put together in memory", () => {
  test("keeps sound books after every step and ends as it was counted", () => {
    fc.assert(
      fc.property(histories({ sales: 3 }), script, (history, steps) => {
        const played = play(history, steps);
        expect(played.faults).toEqual([]);
        const counted = naive({ ...history, events: arrivalsOf(history, steps) });
        expect(differences(played, counted, history)).toEqual([]);
      }),
      { numRuns: runs(Number(process.env["N"] ?? 2000)) },
    );
  }, 600_000);
});
