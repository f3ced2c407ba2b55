import { describe, expect, test } from "vitest";
import {
  GAP_ALERT_MS,
  GAP_HYDRATE_MS,
  gapDueMs,
  type GapStage,
  gapStageAt,
} from "#src/core/ordering/gap.ts";

const SINCE_MS = 1_000_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe("gapDueMs()", () => {
  test.each<{ stage: GapStage; after: number | undefined }>([
    { stage: "open", after: 15 * SECOND },
    { stage: "hydrate", after: 15 * MINUTE },
    { stage: "alert", after: undefined },
  ])("of a gap at $stage is $after ms after it opened", ({ stage, after }) => {
    const due = after === undefined ? undefined : SINCE_MS + after;
    expect(gapDueMs({ sinceMs: SINCE_MS, stage })).toBe(due);
  });
});

describe("gapStageAt()", () => {
  test.each<{ stage: GapStage; after: number; reached: GapStage }>([
    { stage: "open", after: 0, reached: "open" },
    { stage: "open", after: 15 * SECOND - 1, reached: "open" },
    { stage: "open", after: 15 * SECOND, reached: "hydrate" },
    { stage: "open", after: 15 * MINUTE - 1, reached: "hydrate" },
    { stage: "open", after: 15 * MINUTE, reached: "alert" },
    { stage: "hydrate", after: 15 * SECOND, reached: "hydrate" },
    { stage: "hydrate", after: 15 * MINUTE - 1, reached: "hydrate" },
    { stage: "hydrate", after: 15 * MINUTE, reached: "alert" },
    { stage: "alert", after: 15 * SECOND, reached: "alert" },
    { stage: "alert", after: 24 * 60 * MINUTE, reached: "alert" },
    { stage: "hydrate", after: -1, reached: "hydrate" },
    { stage: "alert", after: -1, reached: "alert" },
  ])("is $reached for a gap at $stage after $after ms", ({ stage, after, reached }) => {
    expect(gapStageAt({ sinceMs: SINCE_MS, stage }, SINCE_MS + after)).toBe(reached);
  });

  test.each<{ stage: GapStage; due: number }>([
    { stage: "open", due: GAP_HYDRATE_MS },
    { stage: "hydrate", due: GAP_ALERT_MS },
  ])("moves on from $stage exactly when it is due", ({ stage, due }) => {
    const gap = { sinceMs: SINCE_MS, stage };
    expect(gapDueMs(gap)).toBe(SINCE_MS + due);
    expect(gapStageAt(gap, SINCE_MS + due)).not.toBe(stage);
    expect(gapStageAt(gap, SINCE_MS + due - 1)).toBe(stage);
  });
});
