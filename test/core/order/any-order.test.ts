import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "../../support/gateway/compare.ts";
import { arrivalsOf, play, script } from "../../support/gateway/play.ts";
import { histories } from "../../support/histories/history.ts";
import { naive } from "../../support/naive/naive.ts";
import { runs } from "../../support/runs.ts";

describe("a company of any size", () => {
  test(
    "ends as it is counted, in any order with repeats",
    () => {
      fc.assert(
        fc.property(histories(), script, (history, steps) => {
          const played = play(history, steps);
          expect(played.faults).toEqual([]);
          const counted = naive({ ...history, events: arrivalsOf(history, steps.order) });
          expect(differences(played, counted, history)).toEqual([]);
        }),
        { numRuns: runs(100) },
      );
    },
    runs(120_000),
  );
});
