import { describe, expect, it } from "vitest";
import { dueKind } from "#src/edge/cron/reconciliation/schedule.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const NOW_MS = Date.parse("2026-11-22T12:00:00Z");

describe("a run is due", () => {
  it.each<{ name: string; last: Readonly<Record<string, number>>; kind: string | undefined }>([
    { name: "for a new tenant, over the window", last: {}, kind: "window" },
    { name: "over all lines once a window has been looked at", last: { window: 0 }, kind: "lines" },
    {
      name: "not within a quarter of an hour",
      last: { window: 14.9 * MINUTE_MS, lines: 0 },
      kind: undefined,
    },
    {
      name: "every quarter of an hour",
      last: { window: 15 * MINUTE_MS, lines: 0 },
      kind: "window",
    },
    { name: "over all lines every week", last: { window: 0, lines: 7 * DAY_MS }, kind: "lines" },
    {
      name: "not over all lines before",
      last: { window: 0, lines: 7 * DAY_MS - 1 },
      kind: undefined,
    },
    {
      name: "whatever was missed, once",
      last: { window: 9 * DAY_MS, lines: DAY_MS },
      kind: "window",
    },
  ])("$name", ({ last, kind }) => {
    const began = new Map(Object.entries(last).map(([of, agoMs]) => [of, NOW_MS - agoMs]));
    expect(dueKind(began, NOW_MS)).toBe(kind);
  });
});
