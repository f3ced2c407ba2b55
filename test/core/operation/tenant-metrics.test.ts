import { describe, expect, test } from "vitest";
import { openMetricsText } from "#src/core/operation/exposition.ts";
import { type TenantFigures, tenantFamilies } from "#src/core/operation/tenant-metrics.ts";
import { NO_REPORT } from "#src/core/reconciliation/report.ts";
import { readOpenMetrics } from "../../support/open-metrics.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;

const QUIET: TenantFigures = {
  tenant: "acme",
  held: [],
  unmirrored: 0,
  breaks: [],
  gaps: [],
  frozen: 0,
  polls: [],
  runs: [],
  quotas: [],
  cut: [],
};

const report = {
  ...NO_REPORT,
  expected: 200,
  covered: 199,
  compared: 12,
  differing: 5,
  in_flight: 1,
  healed: 3,
  open: 2,
  requests: 9,
  bytes: 41_300,
};

const BUSY: TenantFigures = {
  tenant: 'a"b\\c\nd',
  held: [
    { state: "dead", items: 2, oldest_ms: NOW_MS - 5000 },
    { state: "parked", items: 4, oldest_ms: NOW_MS + 5 },
  ],
  unmirrored: 3,
  breaks: [
    { class: "AMOUNT", why: "above_limit", items: 1, oldest_ms: NOW_MS },
    { class: "AMOUNT", why: null, items: 2, oldest_ms: NOW_MS - 80 * HOUR_MS },
    { class: "AMOUNT", why: null, items: 3, oldest_ms: NOW_MS - 30 * HOUR_MS },
    { class: "CURRENCY", why: null, items: 4, oldest_ms: NOW_MS - HOUR_MS },
  ],
  gaps: [{ stage: "alert", items: 1, oldest_ms: NOW_MS - 900_000 }],
  frozen: 1,
  polls: [
    { source: "crm", failing: 2, last_ms: NOW_MS - 7000, since_ms: NOW_MS - 6000 },
    { source: "shop", failing: 0, last_ms: null, since_ms: null },
  ],
  runs: [
    {
      kind: "window",
      state: "running",
      ended: { started_ms: NOW_MS - 70_000, ended_ms: NOW_MS - 60_000, report },
    },
    { kind: "lines", state: "running" },
    {
      kind: "balances",
      state: "failed",
      ended: { started_ms: 0, ended_ms: 500, report: NO_REPORT },
    },
  ],
  events: { since_ms: 86_400_000, outcomes: { applied: 7, rejected: 1 } },
  quotas: [
    { resource: "events_per_day", used: 7, limit: null },
    { resource: "sources", used: 3, limit: 200 },
  ],
  cut: ["held"],
};

const read = (...tenants: readonly TenantFigures[]) =>
  readOpenMetrics(openMetricsText(tenantFamilies(tenants, NOW_MS)));

const valuesOf = (name: string, tenants: readonly TenantFigures[]) =>
  (read(...tenants).get(name)?.samples ?? []).map(
    ({ labels: { tenant: _tenant, ...rest }, value }) => [...Object.values(rest), value].join(" "),
  );

describe("tenantFamilies()", () => {
  test.each([
    ["upline_events", ["applied 7", "applied 86400", "rejected 1", "rejected 86400"]],
    ["upline_held_events", ["parked 4", "buffered 0", "quarantined 0", "conflict 0", "dead 2"]],
    ["upline_held_oldest_age_seconds", ["dead 5", "parked 0"]],
    ["upline_unmirrored_objects", ["3"]],
    ["upline_frozen_objects", ["1"]],
    ["upline_gaps_open", ["hydrate 0", "alert 1"]],
    ["upline_gaps_oldest_age_seconds", ["900"]],
    ["upline_breaks_open", ["AMOUNT page 3", "AMOUNT ticket 3", "CURRENCY info 4"]],
    ["upline_breaks_oldest_age_seconds", ["288000"]],
    ["upline_reconciliation_age_seconds", ["window 60", "balances 3599999.5"]],
    ["upline_reconciliation_duration_seconds", ["window 10", "balances 0.5"]],
    ["upline_reconciliation_coverage_ratio", ["window 0.995", "balances 1"]],
    ["upline_reconciliation_requests", ["window 9", "balances 0"]],
    ["upline_reconciliation_received_bytes", ["window 41300", "balances 0"]],
    ["upline_poll_age_seconds", ["crm 7"]],
    ["upline_poll_failing", ["crm 2", "shop 0"]],
    ["upline_poll_failing_age_seconds", ["crm 6"]],
    ["upline_quota_used", ["events_per_day 7", "sources 3"]],
    ["upline_quota_limit", ["sources 200"]],
    ["upline_figures_cut", ["held 1"]],
  ])("tells %s", (name, values) => {
    expect(valuesOf(name, [BUSY])).toEqual(values);
  });

  test("tells how the last run of each kind stands", () => {
    const on = valuesOf("upline_reconciliation_state", [BUSY]).filter((line) =>
      line.endsWith(" 1"),
    );
    expect(on).toEqual(["window running 1", "lines running 1", "balances failed 1"]);
  });

  test("tells what the last run that is over came to", () => {
    expect(valuesOf("upline_reconciliation_items", [BUSY]).slice(0, 8)).toEqual([
      "window expected 200",
      "window covered 199",
      "window compared 12",
      "window differing 5",
      "window in_flight 1",
      "window healed 3",
      "window open 2",
      "window contradicted 0",
    ]);
  });

  test("tells of many tenants in one family each, and of one that rests what is none", () => {
    const families = read(QUIET, BUSY, { ...QUIET, tenant: "zeta" });
    const dead = families
      .get("upline_held_events")
      ?.samples.filter(({ labels }) => labels["state"] === "dead");
    expect(dead?.map(({ labels, value }) => [labels["tenant"], value])).toEqual([
      ["acme", 0],
      [BUSY.tenant, 2],
      ["zeta", 0],
    ]);
    expect([...read(QUIET).keys()]).toEqual([
      "upline_held_events",
      "upline_unmirrored_objects",
      "upline_frozen_objects",
      "upline_gaps_open",
    ]);
  });

  test("names every unit, and has words for every family", () => {
    for (const { name, unit, help } of read(BUSY).values()) {
      expect([name, help?.length ?? 0]).toEqual([name, expect.any(Number)]);
      expect(help).not.toBe("");
      const [, suffix] = /_(seconds|bytes|ratio)$/.exec(name) ?? [];
      expect([name, unit]).toEqual([name, suffix]);
    }
  });
});
