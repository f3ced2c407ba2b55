import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { fillNamedGaps } from "#src/compose/reconcile.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { restoredCores } from "#src/edge/d1/reconciliation/core-state.ts";
import { formatInstant } from "#src/core/contracts/instant.ts";
import { againstCore, coreLine, coreLines, later, MINUTE_MS, onFakeDates } from "./against-core.ts";

onFakeDates();

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

const missing = (tenant: string, ...subjects: readonly string[]) =>
  subjects.map((subject) => ({ tenant, subject, source: "core", epoch: 0, fromSeq: 3, toSeq: 4 }));

const eventOf = (line: ReturnType<typeof coreLine>, seq: number) => ({
  id: `told-${line.line_id}`,
  type: "commission.posted",
  version: 1,
  occurred_at: formatInstant(line.effective_ms),
  key: `dist:${line.distributor_id}`,
  seq,
  source: "core",
  data: {
    line_id: line.line_id,
    distributor_id: line.distributor_id,
    order_id: line.order_id,
    component: line.component,
    level: line.level,
    currency: line.currency,
    amount_minor: line.amount_minor,
    period_id: line.period_id,
    run_id: line.run_id,
  },
});

test("an answer about one hole that nobody can read keeps no other hole from being asked for", async () => {
  const ours = coreLines("B", 1, 3);
  const found = await againstCore(["B", "C"], ours, { lines: ours });
  const { parts, company } = found.line;
  found.lie.over = (url, body) =>
    url.searchParams.get("stream") === "dist:B" ? { ...body, epoch: "?" } : body;
  const gaps = missing(company.tenant, "dist:B", "dist:C");
  await fillNamedGaps(parts, shardAt(parts.shards, 0), gaps);
  expect(found.books.asked.filter((asked) => asked.includes("stream="))).toHaveLength(2);
});

test("an event that nobody can read keeps no other one from its place", async () => {
  const ours = coreLines("B", 1, 3);
  const found = await againstCore(["B"], ours, { lines: coreLines("B", 1, 4) });
  const { parts, company } = found.line;
  found.books.events = [eventOf(coreLine("B-3"), 3)];
  found.lie.over = (url, body) =>
    url.searchParams.has("stream")
      ? { ...body, items: [...(body.items ?? []), { seq: 4, key: "dist:B", type: 7 }] }
      : body;
  await fillNamedGaps(parts, shardAt(parts.shards, 0), missing(company.tenant, "dist:B"));
  const silent = { core: async () => undefined };
  await found.run("window", silent);
  expect(await found.lines()).toEqual(["B/B-1 held", "B/B-2 held", "B/B-3 held"]);
});
