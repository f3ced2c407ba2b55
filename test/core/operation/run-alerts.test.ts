import { describe, expect, test } from "vitest";
import {
  failedRunAlert,
  type LookedRun,
  rebuildAlerts,
  replayAlerts,
  runAlerts,
} from "#src/core/operation/run-alerts.ts";

const HOUR_MS = 3_600_000;

/** The newest first, an hour apart: `window done`, `lines failed malformed`. */
const looked = (...lines: readonly string[]): readonly LookedRun[] =>
  lines.map((line, i) => {
    const [kind = "", state = "", error] = line.split(" ");
    const startedMs = (100 - i) * HOUR_MS;
    if (state !== "running" && state !== "done" && state !== "failed") throw new Error(line);
    return {
      runId: `recon_${100 - i}`,
      kind,
      state,
      startedMs,
      endedMs: state === "running" ? null : startedMs + 60_000,
      error: error === undefined ? null : { kind: error, detail: `It says ${error}` },
    };
  });

const told = (...lines: readonly string[]) =>
  runAlerts(looked(...lines), 101 * HOUR_MS).map(
    ({ kind, key, severity, since_ms }) =>
      `${kind} ${key} ${severity} ${Math.floor(since_ms / HOUR_MS)}`,
  );

describe("runAlerts()", () => {
  test.each<{ name: string; lines: readonly string[]; alerts: readonly string[] }>([
    { name: "no run at all", lines: [], alerts: [] },
    { name: "all is well", lines: ["window done", "lines done"], alerts: [] },
    {
      name: "the last run of a kind failed",
      lines: ["window done", "lines failed malformed", "window done"],
      alerts: ["reconciliation_failed lines ticket 99"],
    },
    {
      name: "a part of the core is not told, in every run since yesterday",
      lines: [
        ...Array.from(
          { length: 30 },
          (_, i) => `window failed ${i === 3 ? "timeout" : "not_told"}`,
        ),
        "window done",
        "window failed malformed",
      ],
      alerts: ["reconciliation_failed window page 71"],
    },
    {
      name: "no run of a kind was ever done",
      lines: ["window failed malformed", "lines done", "window failed malformed"],
      alerts: ["reconciliation_failed window ticket 98"],
    },
    {
      name: "a kind that failed was done since",
      lines: ["lines done", "lines failed malformed"],
      alerts: [],
    },
    {
      name: "the next one is on its way",
      lines: ["window running", "window failed too_long"],
      alerts: ["reconciliation_failed window ticket 99"],
    },
    {
      name: "the core gives no answer",
      lines: ["window failed unreachable", "window failed timeout", "window done"],
      alerts: ["core_unreachable core ticket 99"],
    },
    {
      name: "the core gives no answer, and a run has just begun",
      lines: ["window running", "window failed unreachable", "window done"],
      alerts: ["core_unreachable core ticket 99"],
    },
    {
      name: "a run that is on its way waits for the core",
      lines: ["window running status", "window done"],
      alerts: ["core_unreachable core ticket 100"],
    },
    {
      name: "the core gave an answer that was none",
      lines: ["window failed malformed", "lines failed unreachable"],
      alerts: ["reconciliation_failed window ticket 100"],
    },
    {
      name: "the core was out and is back",
      lines: ["window done", "window failed unreachable"],
      alerts: [],
    },
    {
      name: "the core is out for long, in whichever run",
      lines: Array.from({ length: 30 }, (_, i) => `${i % 2 ? "window" : "lines"} failed moved`),
      alerts: ["core_unreachable core page 71"],
    },
  ])("$name", ({ lines, alerts }) => {
    expect(told(...lines)).toEqual(alerts);
  });

  test("leads to the run, and says why", () => {
    const [alert] = runAlerts(looked("window failed endless"), 0);
    expect(alert).toMatchObject({
      detail: "endless: It says endless",
      place: ["reconciliations", "recon_100"],
    });
  });
});

test("a run of a period that failed says why", () => {
  const run = { runId: "close:main:2026-07", endedMs: 4 };
  expect(failedRunAlert({ ...run, reason: "Too many lines" })).toMatchObject({
    detail: "Too many lines",
    place: ["runs", "close:main:2026-07"],
    since_ms: 4,
  });
  expect(failedRunAlert({ ...run, reason: null }).detail).toBe("It failed");
});

test("replayAlerts() tells of the last replay that is over, where it failed", () => {
  const replay = (n: number, state: LookedRun["state"], error: string | null = null) => ({
    runId: `replay_${n}`,
    state,
    startedMs: n * HOUR_MS,
    endedMs: state === "running" ? null : n * HOUR_MS + 60_000,
    error,
  });
  expect(replayAlerts([])).toEqual([]);
  expect(replayAlerts([replay(3, "running"), replay(2, "done"), replay(1, "failed")])).toEqual([]);
  expect(replayAlerts([replay(3, "running"), replay(2, "failed", "D1 is out")])).toEqual([
    {
      kind: "replay_failed",
      key: "archive",
      severity: "ticket",
      since_ms: 2 * HOUR_MS + 60_000,
      detail: "D1 is out",
      place: ["replays", "replay_2"],
    },
  ]);
});

describe("rebuildAlerts()", () => {
  const rebuild = (n: number, state: LookedRun["state"], error: string | null = null) => ({
    runId: `rebuild_${n}`,
    state,
    startedMs: n * HOUR_MS,
    endedMs: state === "running" ? null : n * HOUR_MS + 60_000,
    error,
  });

  test.each([
    { name: "none", rebuilds: [] },
    { name: "one under way", rebuilds: [rebuild(1, "running")] },
    { name: "one that was done since", rebuilds: [rebuild(2, "done"), rebuild(1, "failed", "e")] },
  ])("tells of nothing: $name", ({ rebuilds }) => {
    expect(rebuildAlerts(rebuilds)).toEqual([]);
  });

  test("tells of the last one that is over and failed, also while the next is under way", () => {
    const rebuilds = [rebuild(3, "running"), rebuild(2, "failed", "A step failed: D1 is out")];
    expect(rebuildAlerts(rebuilds)).toEqual([
      {
        kind: "rebuild_failed",
        key: "mirror",
        severity: "ticket",
        since_ms: 2 * HOUR_MS + 60_000,
        detail: "A step failed: D1 is out",
        place: ["rebuilds", "rebuild_2"],
      },
    ]);
  });
});
