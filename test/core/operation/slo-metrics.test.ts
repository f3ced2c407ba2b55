import { expect, test } from "vitest";
import { SLO_METRICS } from "#src/core/operation/slo-metrics.ts";
import { burnsOf } from "#src/core/sla/burn.ts";

const lines = (slo?: Parameters<(typeof SLO_METRICS)[number]["samples"]>[0]["slo"]) =>
  SLO_METRICS.flatMap(({ name, samples }) =>
    samples({ tenant: "acme", ...(slo === undefined ? {} : { slo }) }).map(
      ({ labels: { tenant: _tenant, ...labels }, value, createdMs }) =>
        [
          name,
          ...Object.values(labels),
          value,
          ...(createdMs === undefined ? [] : [createdMs]),
        ].join(" "),
    ),
  );

test("tells of the day's lines, each window's burn once, and who burns", () => {
  const tally = {
    lines: 100,
    within: new Map([
      [5000, 90],
      [30_000, 100],
    ]),
  };
  const burns = burnsOf(new Map([[6 * 3_600_000, tally]]));
  const burning = [{ within_ms: 5000, rule: "page_6h", severity: "page", since_ms: 0 }] as const;
  const day = { since_ms: 5000, lines: 100, good: { 5000: 90, 30_000: 100 } };
  const told = lines({ burns, burning, day });
  expect(told).toEqual(expect.arrayContaining(["upline_visible_lines 100 5000"]));
  expect(told).toContain("upline_visible_lines_in_time 5s 90 5000");
  expect(told).toContain("upline_visible_lines_in_time 30s 100 5000");
  expect(told).toContain("upline_slo_burn_ratio 5s 21600s 2");
  // Six hours are the long window of one rule and the short one of another.
  expect(told.filter((line) => line.startsWith("upline_slo_burn_ratio"))).toHaveLength(10);
  expect(told).toContain("upline_slo_burning 5s 1");
  expect(told).toContain("upline_slo_burning 30s 0");
});

test("says nothing of a tenant without lines", () => {
  expect(lines()).toEqual([]);
});
