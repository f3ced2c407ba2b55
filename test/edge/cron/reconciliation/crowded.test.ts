import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { reconcilePorts } from "#src/compose/reconcile.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { partOf, shardOf } from "#src/core/reconciliation/shard.ts";
import { LISTED_MAX } from "#src/core/reconciliation/walk.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { lineDigest, sha256Bytes } from "#src/edge/d1/digest-rows.ts";
import { fixLineDigests } from "#src/edge/d1/rebuild/totals.ts";
import { watched } from "../../d1/support.ts";
import {
  type AgainstCore,
  againstCore,
  type Answer,
  coreLine,
  POSTED_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

const LINES = 24_000;
const DIFFERING = 45;

/** A commission run posts all of its lines at one instant: here to 3000 distributors. */
const ALL: readonly CoreLine[] = Array.from({ length: LINES }, (_, i) =>
  coreLine("B-1", { line_id: `LINE-${i}`, distributor_id: `D${i % 3000}` }),
);

/** A line of each of so many shards. */
const MISSING: ReadonlySet<CoreLine> = new Set(
  [...Map.groupBy(ALL, (line) => shardOf(line.distributor_id, sha256Bytes)).values()]
    .slice(0, DIFFERING)
    .flatMap((of) => of.slice(3, 4)),
);

const OF_THE_LINE = {
  component: "unilevel",
  level: 1,
  depth: null,
  rate_ppm: null,
  reversed_minor: 0,
  currency: "USD",
  state: "held",
  period_id: "2026-11",
  origin: "core",
  due_ms: null,
} as const;

/** As the projection would write them, without its pipeline. */
async function putLines(tenant: string, lines: readonly CoreLine[]): Promise<void> {
  for (let i = 0; i < lines.length; i += 2000) {
    const rows = lines.slice(i, i + 2000).map((line) => {
      const { line_id, distributor_id, effective_ms } = line;
      const row = {
        ...OF_THE_LINE,
        line_id,
        distributor_id,
        effective_ms,
        order_id: line.order_id,
        amount_minor: line.amount_minor,
      };
      const { digest } = lineDigest(row);
      return { ...row, digest };
    });
    await env.MIRROR_0.prepare(
      `INSERT INTO lines (tenant, distributor_id, line_id, order_id, component, level, amount_minor,
         reversed_minor, currency, state, period_id, effective_ms, origin, digest)
       SELECT ?1, value ->> 'distributor_id', value ->> 'line_id', value ->> 'order_id', 'unilevel', 1,
         value ->> 'amount_minor', 0, 'USD', 'held', '2026-11', value ->> 'effective_ms', 'core',
         value ->> 'digest' FROM json_each(?2)`,
    )
      .bind(tenant, JSON.stringify(rows))
      .run();
  }
  const ids = new Set(lines.map(({ distributor_id }) => distributor_id));
  await env.MIRROR_0.prepare(
    `INSERT INTO standings (tenant, distributor_id, kind, period_id, epoch, rev, effective_ms, value)
     SELECT ?1, value, 'enrolment', '', 0, '1', 0, '{}' FROM json_each(?2)`,
  )
    .bind(tenant, JSON.stringify([...ids]))
    .run();
  await fixLineDigests(env.MIRROR_0, { tenant, runId: "" });
}

async function crowded(partDigits?: number) {
  const found = await againstCore(["B"], [], { lines: ALL });
  if (partDigits !== undefined) found.books.partDigits = partDigits;
  const ours = ALL.filter((line) => !MISSING.has(line));
  await putLines(found.line.company.tenant, ours);
  const { db, asked } = watched();
  const { parts } = found.line;
  const ports = reconcilePorts(parts, { ...shardAt(parts.shards, 0), mirror: db });
  const { localDigests, localLines, localNamed, localPlain } = ports;
  const run = () => found.run("window", { localDigests, localLines, localNamed, localPlain });
  return { found, run, asked };
}

const found45 = { state: "done", differing: DIFFERING, expected: LINES, covered: LINES };
const within = ({ books }: AgainstCore) => books.asked.filter((url) => url.includes("within="));
const listed = ({ books }: AgainstCore) => books.asked.filter((url) => url.includes("bucket="));

describe("an hour in which a commission run posts all of its lines", () => {
  test("is read from the mirror in small answers, whatever differs in it", async () => {
    const { found, run, asked } = await crowded();
    expect(await run()).toMatchObject(found45);
    expect(await found.breaks()).toHaveLength(DIFFERING);
    expect(within(found)).toEqual([]);
    expect(Math.max(...asked.map(({ rows }) => rows))).toBeLessThanOrEqual(10_000);
    expect(Math.max(...asked.map(({ chars }) => chars))).toBeLessThan(3_000_000);
    // Each look through the hour reads a line once: one for the parts, one for the listing.
    const looks = asked.filter(({ sql }) => sql.includes("l.digest FROM"));
    expect(looks.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(2 * LINES);
  }, 120_000);

  test("is cut up further where the core offers it, and costs by what differs", async () => {
    const { found, run, asked } = await crowded(4);
    const report = await run();
    expect(report).toMatchObject(found45);
    expect(await found.breaks()).toHaveLength(DIFFERING);
    expect(within(found)).toHaveLength(1);
    expect(listed(found).some((url) => /%2F[0-9a-f]{2}\b/.test(url))).toBe(true);
    // Two levels of sixteen digests, and a listing of some lines, for each.
    expect(Number(report["bytes"]) / DIFFERING).toBeLessThan(4000);
    expect(Math.max(...asked.map(({ chars }) => chars))).toBeLessThan(3_000_000);
  }, 120_000);

  test("is listed by parts where the core turns the finer question away", async () => {
    const { found, run } = await crowded(4);
    found.lie.lacks = (url) => url.searchParams.has("within");
    expect(await run()).toMatchObject(found45);
    expect(listed(found).every((url) => /%2F[0-9a-f]\b/.test(url))).toBe(true);
  }, 120_000);
});

const isWithin = (url: URL): boolean => url.searchParams.has("within");

/** Changes the buckets of answers, of a part's sixteenths. */
const changing =
  (change: (buckets: unknown[][]) => unknown[][]) =>
  (url: URL, body: Answer): object =>
    isWithin(url) ? { ...body, buckets: change(structuredClone(bucketsOf(body))) } : body;

function bucketsOf(body: Answer): unknown[][] {
  const buckets: unknown = body["buckets"];
  return Array.isArray(buckets) ? buckets : [];
}

describe("a core whose sixteenths are not what its parts count", () => {
  const LIES: readonly (readonly [string, (buckets: unknown[][]) => unknown[][]])[] = [
    ["with a line more", (all) => all.map(([name, lines, hex]) => [name, Number(lines) + 1, hex])],
    ["with a bucket less", (all) => all.filter((_, i) => i % 16 > 0)],
    ["with none", () => []],
  ];

  test.each(LIES)(
    "is not believed: %s",
    async (_name, change) => {
      const { found, run } = await crowded(4);
      found.lie.over = changing(change);
      const report = await run();
      expect(report).toMatchObject({
        state: "failed",
        healed: 0,
        error: { kind: "digest_contradicted" },
      });
      expect(await found.breaks()).toEqual([]);
    },
    120_000,
  );

  test("is held to the lines that its parts count, where they have other digests", async () => {
    const { found, run } = await crowded(4);
    found.lie.over = changing((all) => all.map(([name, lines]) => [name, lines, "0".repeat(32)]));
    expect(await run()).toMatchObject({ ...found45, healed: DIFFERING });
    expect(within(found).length).toBeGreaterThan(0);
  }, 120_000);

  test("is not believed where it says that they are ours", async () => {
    const { found, run } = await crowded(4);
    // What the mirror comes to, as of a core that has no other lines.
    const ours = ALL.filter((line) => !MISSING.has(line));
    const parts = Map.groupBy(ours, (line) => {
      const shard = shardOf(line.distributor_id, sha256Bytes);
      return `${shard}/${partOf(line.line_id, sha256Bytes)}`;
    });
    const replaced = [...parts.values()].find((of) => of.length > 2 * LISTED_MAX)?.[0];
    if (replaced === undefined) throw new Error("Some part has that many");
    const { books } = found;
    found.books.lines = ALL.map((line) =>
      line === replaced ? { ...line, amount_minor: 999 } : line,
    ).filter((line) => !MISSING.has(line));
    const honest = books.lines;
    let isHiding = false;
    found.lie.lacks = (url) => {
      isHiding = isWithin(url);
      books.lines = isHiding ? ours : honest;
      return false;
    };
    const report = await run();
    expect(report).toMatchObject({
      state: "failed",
      contradicted: 0,
      error: { kind: "digest_contradicted" },
    });
    expect(within(found).length).toBeGreaterThan(0);
    expect(await found.breaks()).toEqual([]);
  }, 120_000);

  test("is believed where it has only left out what changed meanwhile", async () => {
    const { found, run } = await crowded(4);
    const { books } = found;
    const [gone] = MISSING;
    let questions = 0;
    found.lie.lacks = (url) => {
      if (isWithin(url)) questions += 1;
      if (questions === 1) books.lines = ALL.filter((line) => line !== gone);
      return false;
    };
    expect(await run()).toMatchObject({ state: "done", differing: DIFFERING - 1 });
    expect(await found.breaks()).toHaveLength(DIFFERING - 1);
  }, 120_000);
});

test("lines of the hour are what the tests think they are", () => {
  expect(MISSING.size).toBe(DIFFERING);
  expect(new Set(ALL.map(({ effective_ms }) => effective_ms))).toEqual(new Set([POSTED_MS + 1000]));
});
