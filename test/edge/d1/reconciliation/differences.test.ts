import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { FoundLine } from "#src/core/reconciliation/differ.ts";
import { foundAfter, putDifferences } from "#src/edge/d1/reconciliation/differences.ts";
import { coreLine } from "../../cron/reconciliation/against-core.ts";

/** A line that was taken back in as many parts as a core may tell, each under the longest id. */
function longLine(n: number): FoundLine {
  const reversals = Array.from({ length: 1000 }, (_, i) => ({
    line_id: `${n}-${i}-`.padEnd(128, "x"),
    amount_minor: 1,
  }));
  const core = coreLine(`B-${n}`, { amount_minor: 1000, reversals });
  const { distributor_id, line_id } = core;
  return { distributor_id, line_id, core, local: null };
}

/** D1 as it is, and the length of each value that it was given. */
function measured(): { readonly db: D1Database; readonly lengths: number[] } {
  const lengths: number[] = [];
  const db = new Proxy(env.MIRROR_0, {
    get(target, name) {
      if (name === "prepare") {
        return (sql: string) => ({
          bind: (...values: unknown[]) => {
            lengths.push(...values.map((value) => String(value).length));
            return target.prepare(sql).bind(...values);
          },
        });
      }
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  return { db, lengths };
}

test("differences are kept however long their lines are", async () => {
  const run = { tenant: `differences-${crypto.randomUUID()}`, runId: "recon_1" };
  const found = Array.from({ length: 30 }, (_, n) => longLine(n));
  expect(JSON.stringify(found).length).toBeGreaterThan(4_000_000);
  const { db, lengths } = measured();
  await putDifferences(db, run, found);
  // As much as D1 takes in one value.
  expect(Math.max(...lengths)).toBeLessThan(2_000_000);
  const kept = await foundAfter(env.MIRROR_0, run, { after: undefined, limit: 100 });
  const names = kept.differences.map(({ line_id }) => line_id);
  expect(names.toSorted()).toEqual(found.map(({ line_id }) => line_id).toSorted());
});
