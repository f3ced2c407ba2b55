import { describe, expect, test } from "vitest";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { differ, type LocalLine } from "#src/core/reconciliation/differ.ts";
import { judge } from "#src/core/reconciliation/judge.ts";
import { contextOf, coreLine, localLine } from "./support.ts";

interface Case {
  readonly name: string;
  readonly core: Partial<CoreLine>;
  readonly local: Partial<LocalLine>;
  readonly closed: readonly string[];
  readonly zones?: readonly string[];
  readonly told: readonly string[];
}

const DATES: readonly Case[] = [
  {
    name: "a date that leaves a closed month, whose name the line keeps",
    core: { effective_ms: Date.parse("2026-08-01T00:00:00.000Z") },
    local: {},
    closed: ["2026-07"],
    told: ["TIMING closed_period"],
  },
  {
    name: "a date that leads into a closed month, whatever the line's period is named",
    core: { effective_ms: Date.parse("2026-06-30T23:59:59.999Z"), period_id: "155" },
    local: { period_id: "155" },
    closed: ["2026-06"],
    told: ["TIMING closed_period"],
  },
  {
    name: "a date that leaves a closed week",
    core: { effective_ms: Date.parse("2026-07-27T00:00:00.000Z") },
    local: { effective_ms: Date.parse("2026-07-26T23:59:59.999Z") },
    closed: ["2026-W30"],
    told: ["TIMING closed_period"],
  },
  {
    name: "a date that leads into the closed half of a month",
    core: { effective_ms: Date.parse("2026-07-15T00:00:00.000Z") },
    local: { effective_ms: Date.parse("2026-07-16T00:00:00.000Z") },
    closed: ["2026-07-1"],
    told: ["TIMING closed_period"],
  },
  {
    name: "a date that leaves a closed month in the plan's time zone alone",
    core: { effective_ms: Date.parse("2026-07-31T23:00:00.000Z") },
    local: { effective_ms: Date.parse("2026-07-31T21:00:00.000Z") },
    closed: ["2026-07"],
    zones: ["Europe/Berlin"],
    told: ["TIMING closed_period"],
  },
  {
    name: "a date that leaves a closed month of UTC, and not of the plan",
    core: { effective_ms: Date.parse("2026-08-01T01:00:00.000Z") },
    local: { effective_ms: Date.parse("2026-07-31T23:00:00.000Z") },
    closed: ["2026-07"],
    zones: ["America/New_York"],
    told: ["TIMING redate"],
  },
];

// All other verdicts: judge.test.ts.
describe("verdictOn()", () => {
  test.each(DATES)("of $name", ({ core, local, closed, zones = [], told }) => {
    const { differences } = differ([coreLine(core)], [localLine(local)]);
    const { breaks } = judge(differences, contextOf({ closed: new Set(closed), zones }));
    expect(breaks.map((found) => `${found.class} ${found.why ?? found.action}`)).toEqual(told);
  });
});
