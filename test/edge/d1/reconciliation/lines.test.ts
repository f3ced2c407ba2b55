import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import type { TimeBucket } from "#src/core/reconciliation/buckets.ts";
import { formatBucket } from "#src/core/reconciliation/buckets.ts";
import { partOf, shardOf } from "#src/core/reconciliation/shard.ts";
import { lineDigest, sha256Bytes } from "#src/edge/d1/digest-rows.ts";
import { linesIn } from "#src/edge/d1/reconciliation/lines.ts";
import { planOf, watched } from "../support.ts";

const sha256 = sha256Bytes;
const HOUR_MS = 3_600_000;
const AT_MS = Date.parse("2026-11-19T13:20:00Z");
const FROM_MS = Date.parse("2026-11-19T13:00:00Z");

const OF_THE_LINE = {
  order_id: null,
  component: "unilevel",
  level: 1,
  depth: null,
  rate_ppm: null,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  state: "held",
  period_id: "2026-11",
  origin: "core",
  due_ms: null,
} as const;

const line = (distributor_id: string, n: number, effective_ms = AT_MS) => ({
  ...OF_THE_LINE,
  distributor_id,
  line_id: `L${n}`,
  effective_ms,
});

async function put(tenant: string, lines: readonly ReturnType<typeof line>[]): Promise<void> {
  const rows = lines.map((one) => ({ ...one, digest: lineDigest(one).digest }));
  await env.MIRROR_0.prepare(
    `INSERT INTO lines (tenant, distributor_id, line_id, component, amount_minor, reversed_minor,
       currency, state, period_id, effective_ms, origin, digest)
     SELECT ?1, value ->> 'distributor_id', value ->> 'line_id', 'unilevel', 400, 0, 'USD', 'held',
       '2026-11', value ->> 'effective_ms', 'core', value ->> 'digest' FROM json_each(?2)`,
  )
    .bind(tenant, JSON.stringify(rows))
    .run();
}

const hour = (distributor: string, fromMs = FROM_MS): TimeBucket => ({
  level: "hour",
  fromMs,
  shard: shardOf(distributor, sha256),
});

let tenant = "";
beforeEach(() => {
  tenant = `lines-${crypto.randomUUID()}`;
});

const counts = (found: ReadonlyMap<string, readonly unknown[]>) =>
  [...found].map(([name, of]) => [name, of.length]);

test("lines of buckets are those of their hours, shards and parts", async () => {
  const [one, other] = ["42", "43"].map((id) => Array.from({ length: 40 }, (_, n) => line(id, n)));
  await put(tenant, [...(one ?? []), ...(other ?? []), line("42", 99, AT_MS + HOUR_MS)]);
  const part = (digits: number): TimeBucket => ({
    ...hour("43"),
    level: "part",
    part: partOf("L7", sha256, digits),
  });
  const buckets = [hour("42"), hour("42", FROM_MS + HOUR_MS), part(1), hour("44")];
  const found = await linesIn(env.MIRROR_0, tenant, { buckets, sha256 });
  expect([...found.keys()]).toEqual(buckets.map(formatBucket));
  const ids = (bucket: TimeBucket) =>
    (found.get(formatBucket(bucket)) ?? []).map(({ line_id }) => line_id).toSorted();
  expect(ids(hour("42"))).toHaveLength(40);
  expect(ids(hour("42", FROM_MS + HOUR_MS))).toEqual(["L99"]);
  expect(ids(hour("44"))).toEqual([]);
  const own = (digits: number) =>
    (other ?? [])
      .map(({ line_id }) => line_id)
      .filter((id) => partOf(id, sha256, digits) === partOf("L7", sha256, digits));
  expect(ids(part(1))).toEqual(own(1).toSorted());
  const small = await linesIn(env.MIRROR_0, tenant, { buckets: [part(3)], sha256 });
  expect([...small.values()].flat().map(({ line_id }) => line_id)).toEqual(own(3));
});

test("as many buckets are read as have few enough lines together, and one at least", async () => {
  const ids = ["42", "43", "44"];
  await put(
    tenant,
    ids.flatMap((id) => Array.from({ length: 30 }, (_, n) => line(id, n))),
  );
  const buckets = ids.map((id) => hour(id));
  const read = (heldMax: number) => linesIn(env.MIRROR_0, tenant, { buckets, sha256, heldMax });
  const [first, second, third] = buckets.map(formatBucket);
  expect(counts(await read(90))).toEqual([
    [first, 30],
    [second, 30],
    [third, 30],
  ]);
  expect(counts(await read(89))).toEqual([
    [first, 30],
    [second, 30],
  ]);
  expect(counts(await read(1))).toEqual([[first, 30]]);
});

test("parts of an hour are looked for once, in the order of the table", async () => {
  await put(
    tenant,
    Array.from({ length: 200 }, (_, n) => line("42", n)),
  );
  const { db, asked } = watched();
  const parts = "0123456789abcdef".split("").map((part): TimeBucket => ({
    ...hour("42"),
    level: "part",
    part,
  }));
  const found = await linesIn(db, tenant, { buckets: parts, sha256 });
  expect([...found.values()].flat()).toHaveLength(200);
  const looks = asked.filter(({ sql }) => sql.includes("l.digest FROM"));
  expect(looks.map(({ rows }) => rows)).toEqual([200]);
  for (const look of looks) {
    expect((await planOf(look)).filter((step) => step.includes("TEMP B-TREE"))).toEqual([]);
  }
});
