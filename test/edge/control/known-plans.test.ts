import { expect, test } from "vitest";
import { knownPlans } from "#src/edge/control/known-plans.ts";
import { planOf } from "../../core/plans/samples.ts";

test("plans are read again after 30 s or a change, and believed longer while they cannot be", async () => {
  let [now, reads, isOut] = [0, 0, false];
  const known = knownPlans({
    nowMs: () => now,
    read: async () => {
      if (isOut) throw new Error("D1_ERROR: overloaded");
      reads += 1;
      return [planOf({ version: reads })];
    },
  });
  const version = async (tenant = "acme") => (await known.of(tenant))[0]?.version;
  expect([await version(), await version()]).toEqual([1, 1]);
  now = 30_000;
  expect(await version()).toBe(2);
  known.forget("acme");
  expect(await version()).toBe(3);
  [now, isOut] = [70_000, true];
  expect(await version()).toBe(3);
  await expect(version("other")).rejects.toThrow("overloaded");
});
