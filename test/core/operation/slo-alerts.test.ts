import { expect, test } from "vitest";
import { sloAlerts } from "#src/core/operation/slo-alerts.ts";
import { burnsOf } from "#src/core/sla/burn.ts";
import type { Burning } from "#src/core/sla/standing.ts";

const HOUR_MS = 3_600_000;
const tally = {
  lines: 1200,
  within: new Map([
    [5000, 300],
    [30_000, 1000],
  ]),
};
const burns = burnsOf(
  new Map([
    [HOUR_MS, tally],
    [5 * 60_000, tally],
    [72 * HOUR_MS, tally],
  ]),
);
const day = { since_ms: 0, lines: 0, good: {} };

test("an objective that burns is an alert under a name that stays", () => {
  const burning: readonly Burning[] = [
    { within_ms: 5000, rule: "page_1h", severity: "page", since_ms: 7 },
    { within_ms: 30_000, rule: "ticket_3d", severity: "ticket", since_ms: 9 },
  ];
  expect(sloAlerts({ burns, burning, day })).toEqual([
    {
      kind: "slo_burning",
      key: "within_5000",
      severity: "page",
      since_ms: 7,
      detail:
        "900 of 1200 lines took longer than 5 s in 1 hour: 15.0 times what the objective allows",
      place: ["sla"],
    },
    {
      kind: "slo_burning",
      key: "within_30000",
      severity: "ticket",
      since_ms: 9,
      detail:
        "200 of 1200 lines took longer than 30 s in 72 hours: 16.7 times what the objective allows",
      place: ["sla"],
    },
  ]);
});

test("where nothing burns there is none", () => {
  expect(sloAlerts({ burns, burning: [], day })).toEqual([]);
});
