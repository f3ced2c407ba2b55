import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fillNamedGaps } from "#src/compose/reconcile.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { restoredCores } from "#src/edge/d1/reconciliation/core-state.ts";
import { againstCore, coreLine, coreLines, later, MINUTE_MS } from "./against-core.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each([
  { name: "far ahead", lie: { as_of_seq: "99999999999999999999", epoch: 0 }, due: [] },
  {
    name: "of a later epoch",
    lie: { as_of_seq: "1", epoch: 1 },
    due: [{ epoch: 1, due: "lines" }],
  },
])("one answer about a hole that is $name stops no run", async ({ lie, due }) => {
  const ours = coreLines("B", 1, 3);
  const found = await againstCore(["B"], ours, { lines: ours });
  const { parts, company } = found.line;
  const { tenant } = company;
  expect(await found.run()).toMatchObject({ state: "done" });

  const gap = { tenant, subject: "dist:B", source: "core", epoch: 0, fromSeq: 3, toSeq: 4 };
  found.lie.over = (url, body) => (url.searchParams.has("stream") ? { ...body, ...lie } : body);
  await fillNamedGaps(parts, shardAt(parts.shards, 0), [gap]);
  expect(found.books.asked.filter((asked) => asked.includes("stream="))).toHaveLength(1);
  expect(await restoredCores(env.MIRROR_0, [tenant])).toEqual(
    due.map((one) => ({ tenant, ...one })),
  );

  delete found.lie.over;
  found.books.lines = [...ours, coreLine("B-3")];
  for (const healed of [1, 0]) {
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ state: "done", healed });
  }
  expect(await found.breaks()).toEqual(["MISSING_LOCAL B-3 healed"]);
});
