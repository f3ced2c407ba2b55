import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import {
  canonicalBalance,
  readBalances,
  readDigests,
  readEvents,
  readLines,
  wireLineOf,
} from "#src/core/reconciliation/wire.ts";
import { runs } from "../../support/runs.ts";

const HEAD = { as_of_seq: "118", epoch: 0 };
const HEX = createHash("sha256").update("x").digest("hex").slice(0, 32);

const id = fc
  .string({ minLength: 1, maxLength: 128, unit: "grapheme-ascii" })
  .filter((text) => text !== "." && text !== "..");
const amount = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const ms = fc.integer({
  min: Date.parse("0000-01-01"),
  max: Date.parse("9999-12-31T23:59:59.999Z"),
});
const nullable = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: null });

const coreLine: fc.Arbitrary<CoreLine> = fc
  .record({
    line_id: id,
    distributor_id: id,
    order_id: nullable(id),
    component: fc.string({ minLength: 1, maxLength: 64, unit: "grapheme-ascii" }),
    level: nullable(fc.nat()),
    paid_level: nullable(fc.nat()),
    cv_x100: nullable(amount),
    rate_ppm: nullable(fc.nat({ max: 1_000_000 })),
    currency: fc.constantFrom("USD", "JPY", "KWD"),
    amount_minor: amount,
    parts: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 }),
    status: fc.constantFrom("held" as const, "available" as const),
    period_id: id,
    run_id: id,
    effective_ms: ms,
    available_ms: nullable(ms),
    updated_ms: ms,
  })
  .map(({ parts, ...line }) => ({
    ...line,
    reversals: parts.map((percent, at) => ({
      line_id: `R${at}`,
      amount_minor: Math.floor((line.amount_minor / 100) * percent),
    })),
  }));

describe("a line of the core", () => {
  test("is the same after the wire, times to the millisecond", () => {
    fc.assert(
      fc.property(fc.uniqueArray(coreLine, { selector: ({ line_id }) => line_id }), (lines) => {
        const body: unknown = JSON.parse(
          JSON.stringify({ ...HEAD, items: lines.map(wireLineOf), next_cursor: null }),
        );
        expect(readLines(body)).toEqual({
          ok: true,
          value: { snapshot: { asOfSeq: "118", epoch: 0 }, items: lines },
        });
      }),
      { numRuns: runs(100) },
    );
  });

  test("may leave out what it has nothing of, and bring members that nobody knows", () => {
    const line = {
      line_id: "L1",
      distributor_id: "42",
      component: "bonus",
      currency: "USD",
      amount_minor: 400,
      reversals: [{ line_id: "R1", amount_minor: 400, why: "returned" }],
      status: "held",
      period_id: "2026-11",
      run_id: "run-1",
      effective_at: "2026-11-19T13:04:05.123456+01:00",
      updated_at: "2026-11-19T12:04:05Z",
      statement: { no: 7 },
    };
    const read = readLines({ ...HEAD, items: [line], next_cursor: "c2", took_ms: 3 });
    expect(read).toEqual({
      ok: true,
      value: {
        snapshot: { asOfSeq: "118", epoch: 0 },
        nextCursor: "c2",
        items: [
          {
            line_id: "L1",
            distributor_id: "42",
            order_id: null,
            component: "bonus",
            level: null,
            paid_level: null,
            cv_x100: null,
            rate_ppm: null,
            currency: "USD",
            amount_minor: 400,
            reversals: [{ line_id: "R1", amount_minor: 400 }],
            status: "held",
            period_id: "2026-11",
            run_id: "run-1",
            effective_ms: Date.parse("2026-11-19T12:04:05.123Z"),
            available_ms: null,
            updated_ms: Date.parse("2026-11-19T12:04:05Z"),
          },
        ],
      },
    });
  });

  test("is not written where it takes back more than it has", () => {
    const [line] = fc.sample(coreLine, 1);
    if (line === undefined) throw new Error("A sample has one");
    const reversals = [{ line_id: "R", amount_minor: 2 }];
    expect(() => wireLineOf({ ...line, amount_minor: 1, reversals })).toThrow("takes back");
  });
});

describe("an answer", () => {
  test("with digests is read, with totals where they are there", () => {
    const buckets = [
      ["2026-11-19T13/17", 2, HEX],
      ["2026-11-19T13/2", 1, HEX, { USD: "12345678901234567890", JPY: "0" }, "later"],
    ];
    expect(readDigests({ ...HEAD, level: "hour", buckets })).toEqual({
      ok: true,
      value: {
        snapshot: { asOfSeq: "118", epoch: 0 },
        items: [
          { name: "2026-11-19T13/17", lines: 2, digest: HEX },
          {
            name: "2026-11-19T13/2",
            lines: 1,
            digest: HEX,
            totals: { USD: "12345678901234567890", JPY: "0" },
          },
        ],
      },
    });
  });

  test("with balances is read as a row for each", () => {
    const items = [
      {
        distributor_id: "42",
        balances: { held: { USD: "123" }, available: { USD: "-5", EUR: "7" }, pending: {} },
      },
      { distributor_id: "43", balances: {} },
    ];
    const read = readBalances({ ...HEAD, items });
    expect(read.ok && read.value.items.map(canonicalBalance)).toEqual([
      "42|held|USD|123",
      "42|available|USD|-5",
      "42|available|EUR|7",
    ]);
  });

  test.each([
    { payouts: false, said: { payouts: false } },
    { payouts: true, said: {} },
    { payouts: undefined, said: {} },
  ])("of balances says whether payouts are left out: $payouts", ({ payouts, said }) => {
    const more = payouts === undefined ? {} : { payouts };
    const snapshot = { asOfSeq: "118", epoch: 0 };
    const value = { snapshot, items: [], ...said };
    expect(readBalances({ ...HEAD, items: [], ...more })).toEqual({ ok: true, value });
    expect(readDigests({ ...HEAD, level: "balances", buckets: [], ...more })).toEqual({
      ok: true,
      value,
    });
  });

  test("of parts says how deep they go, where the core does", () => {
    const read = (more: object) => readDigests({ ...HEAD, level: "part", buckets: [], ...more });
    const snapshot = { asOfSeq: "118", epoch: 0 };
    expect(read({})).toEqual({ ok: true, value: { snapshot, items: [] } });
    expect(read({ part_digits: 3 })).toEqual({
      ok: true,
      value: { snapshot, items: [], partDigits: 3 },
    });
    for (const part_digits of [0, 1.5, "3", null]) {
      expect(read({ part_digits }).ok).toBe(false);
    }
  });

  test("with events keeps all that they hold", () => {
    const event = {
      id: "e-7",
      type: "commission.released",
      version: 1,
      occurred_at: "2026-11-19T13:00:00.000Z",
      key: "dist:42",
      seq: 7,
      data: { line_id: "L1", note: null },
      trace: "abc",
    };
    const read = readEvents({ ...HEAD, items: [event] });
    expect(read).toMatchObject({ ok: true, value: { items: [event] } });
  });

  test("is refused with five reasons at most, none of which quotes it", () => {
    const items = Array.from({ length: 20 }, () => ({ secret: "s3cret" }));
    const read = readLines({ ...HEAD, items });
    expect(read.ok).toBe(false);
    expect(read.ok ? [] : read.refusal).toHaveLength(5);
    expect(JSON.stringify(read)).not.toContain("s3cret");
  });

  test.each([readDigests, readLines, readBalances, readEvents])(
    "is refused, whatever JSON it is, and never throws",
    (read) => {
      fc.assert(
        fc.property(fc.jsonValue(), (body) => {
          expect(read(body)).toMatchObject({ ok: false, refusal: expect.any(Array) });
        }),
        { numRuns: runs(100) },
      );
    },
  );
});
