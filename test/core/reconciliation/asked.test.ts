import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  balancesParams,
  behind,
  digestsParams,
  eventsParams,
  linesParams,
  disorderedBalances,
  strayBalances,
  strayDigests,
  strayEvents,
  strayLines,
} from "#src/core/reconciliation/asked.ts";
import { bucketOf, parseBucket } from "#src/core/reconciliation/buckets.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { shardOf } from "#src/core/reconciliation/shard.ts";

const sha256 = (data: string | Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(data).digest());

const at = (text: string) => Date.parse(text);
const DAY = { fromMs: at("2026-11-19"), toMs: at("2026-11-20") };
const HEX = "00112233445566778899aabbccddeeff";
const row = (name: string) => ({ name, lines: 1, digest: HEX });

const LINE: CoreLine = {
  line_id: "L1",
  distributor_id: "42",
  order_id: null,
  component: "level",
  level: 1,
  paid_level: null,
  cv_x100: null,
  rate_ppm: null,
  currency: "USD",
  amount_minor: 400,
  reversals: [],
  status: "held",
  period_id: "2026-11",
  run_id: "run-1",
  effective_ms: at("2026-11-19T13:04:05Z"),
  available_ms: null,
  updated_ms: at("2026-11-19T14:00:00Z"),
};

describe("a question's query", () => {
  test("names the parts that are cut up further, which say when and of which shards", () => {
    const within = ["2026-11-19T13/17/a", "2026-11-19T13/3/b"];
    expect(digestsParams({ level: "part", range: DAY, shards: [3, 17], within })).toEqual([
      ["level", "part"],
      ["within", "2026-11-19T13/17/a"],
      ["within", "2026-11-19T13/3/b"],
    ]);
  });

  test("names what is asked", () => {
    expect(digestsParams({ level: "day", range: DAY, shards: [3, 17], totals: true })).toEqual([
      ["level", "day"],
      ["from", "2026-11-19T00:00:00.000Z"],
      ["to", "2026-11-20T00:00:00.000Z"],
      ["shard", "3"],
      ["shard", "17"],
      ["totals", "true"],
    ]);
    expect(digestsParams({ level: "balances" })).toEqual([["level", "balances"]]);
    expect(balancesParams({ shards: [5] })).toEqual([["shard", "5"]]);
    const bucket = bucketOf(LINE, "part", () => new Uint8Array([0xa1]));
    expect(linesParams({ by: "bucket", bucket })).toEqual([["bucket", "2026-11-19T13/33/a"]]);
    expect(linesParams({ by: "updated", sinceMs: DAY.fromMs })).toEqual([
      ["updated_since", "2026-11-19T00:00:00.000Z"],
    ]);
    expect(linesParams({ by: "ids", lineIds: ["L1", "L2"] })).toEqual([
      ["line_id", "L1"],
      ["line_id", "L2"],
    ]);
    expect(eventsParams({ stream: "dist:42", epoch: 1, from: 7, to: 9 })).toEqual([
      ["stream", "dist:42"],
      ["epoch", "1"],
      ["from", "7"],
      ["to", "9"],
    ]);
  });
});

const NOT_ASKED = expect.objectContaining({ rule: "not_asked" });

describe("what nobody asked for", () => {
  test("is a bucket of another time, level or shard", () => {
    const asked = { level: "hour", range: DAY, shards: [17] } as const;
    const names = [
      "2026-11-18T23/17",
      "2026-11-19T00/17",
      "2026-11-19T00/5",
      "2026-11-19/17",
      "2026-11-19T23/17",
      "2026-11-20T00/17",
      "balances/17",
    ];
    const stray = strayDigests(names.map(row), asked);
    expect(stray.map(({ path }) => path)).toEqual(
      [0, 2, 3, 5, 6].map((place) => `buckets[${place}][0]`),
    );
    expect(strayDigests([row("balances/5")], { level: "balances" })).toEqual([]);
    expect(strayDigests([row("balances/5")], { level: "balances", shards: [6] })).toHaveLength(1);
  });

  test("is a part of another depth, or cut out of another part", () => {
    const of = (names: readonly string[], within?: readonly string[]) =>
      strayDigests(names.map(row), { level: "part", range: DAY, ...(within && { within }) });
    const names = ["2026-11-19T13/17/a", "2026-11-19T13/17/a3", "2026-11-19T13/17/b3"];
    const paths = (stray: ReturnType<typeof of>) => stray.map(({ path }) => path);
    expect(paths(of(names))).toEqual(["buckets[1][0]", "buckets[2][0]"]);
    const within = ["2026-11-19T13/17/a"];
    expect(paths(of(names, within))).toEqual(["buckets[0][0]", "buckets[2][0]"]);
  });

  test("is a bucket without the totals that were asked for", () => {
    const asked = { level: "balances", totals: true } as const;
    expect(strayDigests([{ ...row("balances/5"), totals: {} }], asked)).toEqual([]);
    expect(strayDigests([row("balances/5")], asked)).toEqual([
      { path: "buckets[0][3]", rule: "required", message: "Is required: totals=true" },
    ]);
  });

  test("is a page that goes back", () => {
    expect(behind([row("2026-11/2")], "2026-11/17")).toEqual([]);
    expect(behind([row("2026-11/2")], "2026-11/2")).toHaveLength(1);
    expect(behind([row("2026-11/17")], "2026-11/2")).toHaveLength(1);
    expect(behind([row("2026-11/17")], undefined)).toEqual([]);
    expect(behind([], "2026-11/2")).toEqual([]);
  });

  test.each(["month", "day", "hour", "part"] as const)("is a line of another %s", (level) => {
    const bucket = bucketOf(LINE, level, sha256);
    const asked = { by: "bucket", bucket } as const;
    expect(strayLines([LINE], asked, sha256)).toEqual([]);
    const later = { ...LINE, effective_ms: at("2026-12-19T13:04:05Z") };
    const others = strayLines([LINE, later, { ...LINE, distributor_id: "43" }], asked, sha256);
    expect(others.map(({ path }) => path)).toEqual([
      "items[1].effective_at",
      "items[2].effective_at",
    ]);
  });

  test("is a line that did not change, or of another id", () => {
    const since = (sinceMs: number) => strayLines([LINE], { by: "updated", sinceMs }, sha256);
    expect(since(LINE.updated_ms)).toEqual([]);
    expect(since(LINE.updated_ms + 1)).toEqual([NOT_ASKED]);
    expect(strayLines([LINE], { by: "ids", lineIds: ["L1"] }, sha256)).toEqual([]);
    expect(strayLines([LINE], { by: "ids", lineIds: ["L2"] }, sha256)).toEqual([NOT_ASKED]);
  });

  test("is a balance of another shard", () => {
    const balance = { distributor_id: "42", bucket: "held", currency: "USD", amount: "1" } as const;
    const shard = shardOf("42", sha256);
    expect(strayBalances([balance], {}, sha256)).toEqual([]);
    expect(strayBalances([balance], { shards: [shard] }, sha256)).toEqual([]);
    expect(strayBalances([balance], { shards: [(shard + 1) % 64] }, sha256)).toEqual([NOT_ASKED]);
  });

  test.each<{ ids: string[]; last?: string; faults: number }>([
    { ids: ["1", "10", "9", "é", "\uFFEE", "\u{1F600}"], faults: 0 },
    { ids: ["9", "10"], faults: 1 },
    // A distributor's balances stand together, and are told once.
    { ids: ["1", "1", "2"], faults: 0 },
    { ids: ["1", "2", "1"], faults: 1 },
    { ids: ["2", "3"], last: "1", faults: 0 },
    { ids: ["2", "3"], last: "2", faults: 1 },
    { ids: ["\u{1F600}"], last: "\uFFEE", faults: 0 },
    { ids: [], last: "1", faults: 0 },
  ])("is a balance out of order: $ids behind $last", ({ ids, last, faults }) => {
    const rows = ids.map((distributor_id) => {
      return { distributor_id, bucket: "held", currency: "USD", amount: "1" } as const;
    });
    const found = disorderedBalances(rows, last);
    expect(found).toHaveLength(faults);
    for (const { rule } of found) expect(rule).toBe("order");
  });

  test.each([
    { change: {}, path: undefined },
    { change: { key: undefined }, path: undefined },
    { change: { key: "dist:43" }, path: "items[0].key" },
    { change: { epoch: 0 }, path: "items[0].epoch" },
    { change: { epoch: undefined }, path: "items[0].epoch" },
    { change: { seq: 6 }, path: "items[0].seq" },
    { change: { seq: 10 }, path: "items[0].seq" },
    { change: { seq: 9 }, path: undefined },
  ])("is an event with $change", ({ change, path }) => {
    const event = {
      id: "e",
      type: "commission.released",
      version: 1,
      occurred_at: "2026-11-19T13:00:00Z",
      key: "dist:42",
      epoch: 1,
      seq: 7,
      data: {},
      ...change,
    };
    const asked = { stream: "dist:42", epoch: 1, from: 7, to: 9 };
    expect(strayEvents([event], asked)[0]?.path).toBe(path);
  });
});

test("a bucket that is asked for is read back", () => {
  expect(parseBucket("2026-11-19T13/33/a")).toMatchObject({ level: "part", part: "a" });
});
