import { describe, expect, it } from "vitest";
import { dueRun, type LastRun, type TenantRuns } from "#src/edge/cron/reconciliation/schedule.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.parse("2026-11-22T12:00:00Z");

/**
 * Kinds of runs by how long ago they began; `!` for one that failed, `?` for one that failed for what
 * it has named, `~` for one over a part.
 */
const lastOf = (ago: Readonly<Record<string, number>>): readonly LastRun[] =>
  Object.entries(ago).map(([name, agoMs]) => ({
    kind: name.replace(/[!?~]/, ""),
    isWhole: !name.endsWith("~"),
    isFailed: /[!?]$/.test(name),
    isNamed: name.endsWith("?"),
    startedMs: NOW_MS - agoMs,
  }));

const due = (ago: Readonly<Record<string, number>>, more: Partial<TenantRuns> = {}) =>
  dueRun({ last: lastOf(ago), closes: [], ...more }, NOW_MS);

const ALL = { window: 0, balances: 0, lines: 0 };

describe("a run is due", () => {
  it.each<{ name: string; last: Readonly<Record<string, number>>; kind: string | undefined }>([
    { name: "for a new tenant, over the window", last: {}, kind: "window" },
    { name: "over all lines once a window has been looked at", last: { window: 0 }, kind: "lines" },
    { name: "over balances once lines have been", last: { window: 0, lines: 0 }, kind: "balances" },
    {
      name: "not within a quarter of an hour",
      last: { ...ALL, window: 14.9 * MINUTE_MS },
      kind: undefined,
    },
    { name: "every quarter of an hour", last: { ...ALL, window: 15 * MINUTE_MS }, kind: "window" },
    { name: "over balances every day", last: { ...ALL, balances: DAY_MS }, kind: "balances" },
    { name: "not over balances before", last: { ...ALL, balances: DAY_MS - 1 }, kind: undefined },
    { name: "over all lines every week", last: { ...ALL, lines: 7 * DAY_MS }, kind: "lines" },
    { name: "not over all lines before", last: { ...ALL, lines: 7 * DAY_MS - 1 }, kind: undefined },
    {
      name: "whatever was missed, once",
      last: { window: 9 * DAY_MS, lines: DAY_MS, balances: HOUR_MS },
      kind: "window",
    },
    {
      name: "whoever looked at a part of the lines meanwhile",
      last: { window: 0, balances: 0, lines: 7 * DAY_MS, "lines~": HOUR_MS },
      kind: "lines",
    },
    {
      name: "again an hour after one over lines failed",
      last: { ...ALL, lines: 7 * DAY_MS, "lines!": HOUR_MS },
      kind: "lines",
    },
    {
      name: "again a day after one named what it could not read",
      last: { ...ALL, lines: 7 * DAY_MS, "lines?": DAY_MS },
      kind: "lines",
    },
    {
      name: "not sooner: that stands until somebody mends it",
      last: { ...ALL, lines: 7 * DAY_MS, "lines?": DAY_MS - 1 },
      kind: undefined,
    },
    {
      name: "over windows every quarter of an hour all the same",
      last: { balances: 0, lines: 0, window: DAY_MS, "window?": 15 * MINUTE_MS },
      kind: "window",
    },
    {
      name: "not sooner, with windows meanwhile",
      last: { ...ALL, window: DAY_MS, lines: 7 * DAY_MS, "lines!": HOUR_MS - 1 },
      kind: "window",
    },
  ])("$name", ({ last, kind }) => {
    expect(due(last)).toEqual(kind && { kind, cause: "cron" });
  });
});

describe("a period that was closed", () => {
  const close = (id: string) => ({ id, epoch: 0, rev: "1" });

  it("wants a run over its lines, before what is due by time", () => {
    const closes = [close("2026-10")];
    expect(due({ window: DAY_MS, lines: 8 * DAY_MS }, { closes })).toEqual({
      kind: "lines",
      cause: "period:2026-10",
      fromMs: Date.parse("2026-09-30"),
      toMs: Date.parse("2026-11-02"),
      closes,
    });
  });

  it("shares one run with all that were closed meanwhile", () => {
    const closes = [close("2026-08"), close("2026-10"), close("2026-09")];
    expect(due(ALL, { closes })).toMatchObject({
      cause: "period:2026-09",
      fromMs: Date.parse("2026-07-31"),
      toMs: Date.parse("2026-11-02"),
      closes,
    });
  });

  it("is looked for among all lines where its name does not say when it was", () => {
    const closes = [close("autumn")];
    expect(due(ALL, { closes })).toEqual({ kind: "lines", cause: "period:autumn", closes });
  });

  it("waits an hour where the run for it failed, and for a new tenant's first window", () => {
    const closes = [close("2026-10")];
    expect(due({ ...ALL, "lines!": HOUR_MS - 1 }, { closes })).toBeUndefined();
    expect(due({ ...ALL, "lines!": HOUR_MS }, { closes })?.cause).toBe("period:2026-10");
    expect(due({}, { closes })).toEqual({ kind: "window", cause: "cron" });
  });
});

describe("a core that was restored", () => {
  it.each(["lines", "balances"] as const)("is looked at at once: %s", (kind) => {
    const restored = { epoch: 3, due: kind };
    const closes = [{ id: "2026-10", epoch: 0, rev: "1" }];
    expect(due(ALL, { restored, closes })).toEqual({ kind, cause: "epoch:3" });
    const failed = { ...ALL, [`${kind}!`]: 15 * MINUTE_MS - 1 };
    expect(due(failed, { restored })).toBeUndefined();
    expect(due({ ...failed, [`${kind}!`]: 15 * MINUTE_MS }, { restored })?.kind).toBe(kind);
  });
});
