import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "../support/gateway/compare.ts";
import { arrivalsOf, play, type Script, script } from "../support/gateway/play.ts";
import { smallHistories } from "../support/gateway/small.ts";
import { type History, TENANT } from "../support/histories/history.ts";
import { naive } from "../support/naive/naive.ts";
import { WORKED, type Worked } from "../support/naive/worked.ts";
import { runs } from "../support/runs.ts";

/** Two minutes for what takes seconds: where it is slow, others are running. */
const PATIENCE_MS = 300_000 * runs(1);

function expectCounted(history: History, steps: Script): void {
  const played = play(history, steps);
  expect(played.faults).toEqual([]);
  const counted = naive({ ...history, events: arrivalsOf(history, steps.order) });
  expect(differences(played, counted, history)).toEqual([]);
}

const historyOf = ({ mode, plan, events }: Worked): History => ({
  tenant: TENANT,
  mode,
  plans: [plan],
  events,
  repeats: events,
  first: new Set(),
  hasMoves: false,
});

describe("the pure core, put together in memory", () => {
  test(
    "keeps sound books after every step, and ends as it is counted, whatever happens on the way",
    () => {
      fc.assert(fc.property(smallHistories, script, expectCounted), {
        numRuns: runs(2000),
      });
    },
    PATIENCE_MS,
  );

  test.each(WORKED)(
    "$name, in any order with repeats",
    (worked) => {
      fc.assert(
        fc.property(script, (steps) => expectCounted(historyOf(worked), steps)),
        { numRuns: runs(30) },
      );
    },
    PATIENCE_MS,
  );
});
