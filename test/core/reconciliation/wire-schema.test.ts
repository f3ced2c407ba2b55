import { describe, expect, test } from "vitest";
import { readBalances, readDigests, readEvents, readLines } from "#src/core/reconciliation/wire.ts";

const HEAD = { as_of_seq: "118", epoch: 0 };
const HEX = "00112233445566778899aabbccddeeff";

const LINE = {
  line_id: "L1",
  distributor_id: "42",
  component: "level",
  currency: "USD",
  amount_minor: 400,
  reversals: [],
  status: "held",
  period_id: "2026-11",
  run_id: "run-1",
  effective_at: "2026-11-19T13:04:05.000Z",
  updated_at: "2026-11-19T13:04:05.000Z",
};

const firstOf = (read: ReturnType<typeof readLines | typeof readDigests>) =>
  read.ok ? undefined : { path: read.refusal[0]?.path, rule: read.refusal[0]?.rule };

const lineWith = (change: object) => readLines({ ...HEAD, items: [{ ...LINE, ...change }] });

describe("a line", () => {
  test.each([
    { change: { line_id: "" }, path: "line_id", rule: "length" },
    { change: { line_id: "x".repeat(129) }, path: "line_id", rule: "length" },
    { change: { line_id: "a\u0000b" }, path: "line_id", rule: "format" },
    { change: { line_id: "..", x: 1 }, path: "line_id", rule: "format" },
    { change: { line_id: 7 }, path: "line_id", rule: "type" },
    { change: { distributor_id: undefined }, path: "distributor_id", rule: "required" },
    { change: { order_id: 12 }, path: "order_id", rule: "type" },
    { change: { currency: "usd" }, path: "currency", rule: "currency" },
    { change: { currency: "XXX" }, path: "currency", rule: "currency" },
    { change: { amount_minor: 4.5 }, path: "amount_minor", rule: "integer" },
    { change: { amount_minor: "400" }, path: "amount_minor", rule: "integer" },
    { change: { amount_minor: -1 }, path: "amount_minor", rule: "minimum" },
    { change: { amount_minor: 2 ** 53 }, path: "amount_minor", rule: "maximum" },
    { change: { status: "paid" }, path: "status", rule: "enum" },
    { change: { rate_ppm: 1_000_001 }, path: "rate_ppm", rule: "maximum" },
    { change: { effective_at: "2026-11-19" }, path: "effective_at", rule: "format" },
    { change: { effective_at: "2026-02-30T00:00:00Z" }, path: "effective_at", rule: "format" },
    { change: { effective_at: 1_795_000_000_000 }, path: "effective_at", rule: "type" },
    { change: { updated_at: null }, path: "updated_at", rule: "type" },
    { change: { reversals: undefined }, path: "reversals", rule: "required" },
    { change: { reversals: null }, path: "reversals", rule: "type" },
    {
      change: { reversals: [{ line_id: "R", amount_minor: 401 }] },
      path: "reversals[0].amount_minor",
      rule: "reversed_too_much",
    },
    {
      change: {
        reversals: [
          { line_id: "R1", amount_minor: 300 },
          { line_id: "R2", amount_minor: 101 },
        ],
      },
      path: "reversals[1].amount_minor",
      rule: "reversed_too_much",
    },
    {
      change: {
        amount_minor: Number.MAX_SAFE_INTEGER,
        reversals: Array.from({ length: 3 }, (_, at) => ({
          line_id: `R${at}`,
          amount_minor: Number.MAX_SAFE_INTEGER,
        })),
      },
      path: "reversals[1].amount_minor",
      rule: "reversed_too_much",
    },
    {
      change: {
        reversals: [
          { line_id: "R", amount_minor: 1 },
          { line_id: "R", amount_minor: 1 },
        ],
      },
      path: "reversals[1].line_id",
      rule: "unique",
    },
  ])("with $change breaks $rule at $path", ({ change, path, rule }) => {
    expect(firstOf(lineWith(change))).toEqual({ path: `items[0].${path}`, rule });
  });
});

describe("an answer", () => {
  const lines = (body: unknown) => firstOf(readLines(body));
  const digests = (rows: unknown, more: object = {}) =>
    firstOf(readDigests({ ...HEAD, level: "day", buckets: rows, ...more }));

  test.each([
    { body: [], path: "", rule: "type" },
    { body: null, path: "", rule: "type" },
    { body: { ...HEAD }, path: "items", rule: "required" },
    { body: { ...HEAD, items: [LINE, LINE] }, path: "items[1].line_id", rule: "unique" },
    { body: { ...HEAD, as_of_seq: 118, items: [] }, path: "as_of_seq", rule: "type" },
    { body: { ...HEAD, as_of_seq: "0118", items: [] }, path: "as_of_seq", rule: "format" },
    { body: { ...HEAD, as_of_seq: "1".repeat(39), items: [] }, path: "as_of_seq", rule: "format" },
    { body: { as_of_seq: "1", items: [] }, path: "epoch", rule: "required" },
    { body: { ...HEAD, epoch: -1, items: [] }, path: "epoch", rule: "minimum" },
    { body: { ...HEAD, next_cursor: "", items: [] }, path: "next_cursor", rule: "length" },
    { body: { ...HEAD, next_cursor: 7, items: [] }, path: "next_cursor", rule: "type" },
    {
      body: {
        ...HEAD,
        items: Array.from({ length: 1001 }, (_, at) => ({ ...LINE, line_id: `${at}` })),
      },
      path: "items",
      rule: "length",
    },
  ])("with lines breaks $rule at $path", ({ body, path, rule }) => {
    expect(lines(body)).toEqual({ path, rule });
  });

  test.each([
    { rows: [["2026-11-19/64", 1, HEX]], path: "buckets[0][0]", rule: "bucket" },
    { rows: [["2026-11-19/1", 0, HEX]], path: "buckets[0][1]", rule: "minimum" },
    { rows: [["2026-11-19/1", 1, HEX.toUpperCase()]], path: "buckets[0][2]", rule: "format" },
    { rows: [["2026-11-19/1", 1, HEX.slice(1)]], path: "buckets[0][2]", rule: "format" },
    { rows: [["2026-11-19/1", 1]], path: "buckets[0][2]", rule: "required" },
    { rows: [["2026-11-19/1", 1, HEX, { USD: 5 }]], path: "buckets[0][3].USD", rule: "type" },
    { rows: [["2026-11-19/1", 1, HEX, { USD: "1.5" }]], path: "buckets[0][3].USD", rule: "format" },
    { rows: [["2026-11-19/1", 1, HEX, { USX: "1" }]], path: "buckets[0][3].USX", rule: "currency" },
    { rows: [{ name: "2026-11-19/1" }], path: "buckets[0]", rule: "type" },
    {
      rows: [
        ["2026-11-19/2", 1, HEX],
        ["2026-11-19/17", 1, HEX],
      ],
      path: "buckets[1][0]",
      rule: "order",
    },
    {
      rows: [
        ["2026-11-19/2", 1, HEX],
        ["2026-11-19/2", 1, HEX],
      ],
      path: "buckets[1][0]",
      rule: "order",
    },
  ])("with digests breaks $rule at $path", ({ rows, path, rule }) => {
    expect(digests(rows)).toEqual({ path, rule });
  });

  test("with digests names a level that there is", () => {
    expect(digests([], { level: "week" })).toEqual({ path: "level", rule: "enum" });
  });

  test.each([
    { balances: { held: { USD: "0" } }, path: "balances.held.USD", rule: "format" },
    { balances: { held: { USD: 5 } }, path: "balances.held.USD", rule: "type" },
    { balances: { held: { usd: "5" } }, path: "balances.held.usd", rule: "currency" },
    { balances: undefined, path: "balances", rule: "required" },
  ])("with balances breaks $rule at $path", ({ balances, path, rule }) => {
    const read = readBalances({ ...HEAD, items: [{ distributor_id: "42", balances }] });
    expect(read.ok ? undefined : read.refusal[0]).toMatchObject({ path: `items[0].${path}`, rule });
  });

  test.each([
    { change: { seq: undefined }, path: "seq", rule: "required" },
    { change: { seq: 0 }, path: "seq", rule: "minimum" },
    { change: { data: [] }, path: "data", rule: "type" },
    { change: { id: "" }, path: "id", rule: "length" },
    { change: { occurred_at: "now" }, path: "occurred_at", rule: "format" },
  ])("with events breaks $rule at $path", ({ change, path, rule }) => {
    const event = {
      id: "e",
      type: "commission.released",
      version: 1,
      occurred_at: "2026-11-19T13:00:00Z",
      seq: 7,
      data: {},
    };
    const read = readEvents({ ...HEAD, items: [{ ...event, ...change }] });
    expect(read.ok ? undefined : read.refusal[0]).toMatchObject({ path: `items[0].${path}`, rule });
  });
});
