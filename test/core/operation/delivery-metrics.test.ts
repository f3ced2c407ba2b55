import { expect, test } from "vitest";
import { DELIVERY_METRICS } from "#src/core/operation/delivery-metrics.ts";

const NOW_MS = 1_000_000;

const told = (deliveries?: { pending: number; dead: number; oldest_ms: number | null }) =>
  Object.fromEntries(
    DELIVERY_METRICS.map(({ name, samples }) => [
      name,
      samples({ tenant: "acme", ...(deliveries && { deliveries }) }, NOW_MS).map(
        ({ labels, value }) => `${labels["state"] ?? labels["tenant"]} ${value}`,
      ),
    ]),
  );

test.each([
  {
    name: "some",
    deliveries: { pending: 3, dead: 2, oldest_ms: NOW_MS - 5500 },
    counts: ["pending 3", "dead 2"],
    ages: ["acme 5.5"],
  },
  {
    name: "a clock that is behind",
    deliveries: { pending: 1, dead: 0, oldest_ms: NOW_MS + 9 },
    counts: ["pending 1", "dead 0"],
    ages: ["acme 0"],
  },
  {
    name: "none that is pending",
    deliveries: { pending: 0, dead: 0, oldest_ms: null },
    counts: ["pending 0", "dead 0"],
    ages: [],
  },
  { name: "nobody who knows", deliveries: undefined, counts: [], ages: [] },
])("of $name", ({ deliveries, counts, ages }) => {
  expect(told(deliveries)).toEqual({
    upline_deliveries: counts,
    upline_deliveries_oldest_age_seconds: ages,
  });
});
