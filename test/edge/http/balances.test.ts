import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry } from "#src/core/subject/entry.ts";
import { post } from "#src/core/ledger/transfer.ts";
import { ledgerReads } from "#src/edge/d1/reads/ledger.ts";
import { runs } from "../../support/runs.ts";
import { entry, listed, logged, readRig, type Rig, walk } from "./reads/rig.ts";

const DAY_MS = 86_400_000;
const AT_MS = Date.UTC(2026, 6, 1);

interface Moved {
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
  readonly effectiveMs: number;
  readonly recordedMs: number;
}

/** An entry that moves one amount, with both its times. */
const moved = ({ debit, credit, amount, effectiveMs, recordedMs }: Moved): Entry =>
  entry({
    event: logged({ occurred_ms: effectiveMs }),
    recorded_ms: recordedMs,
    effects: {
      transfers: [
        { rule: "P8", debit, credit, amount_minor: amount, currency: "USD", reference: "r" },
      ],
    },
  });

type Amounts = Record<string, number | string>;

async function usd(rig: Rig, query: string): Promise<Amounts> {
  const response = await rig.call(`GET ledger/balances?${query}`);
  expect(response.status).toBe(200);
  const { balances } = await response.json<{ balances: { USD?: Amounts } }>();
  return balances.USD ?? {};
}

const iso = (ms: number) => new Date(ms).toISOString();

/** On 1 July a sale; of it, known on the 3rd only, a correction that took effect on the 2nd. */
async function corrected(): Promise<Rig> {
  const rig = await readRig();
  const sides = { debit: "exp:commission", credit: "dist:d1:held" };
  await rig.mirror("dist:d1", [
    moved({ ...sides, amount: 400, effectiveMs: AT_MS, recordedMs: AT_MS + 1000 }),
    moved({
      ...sides,
      amount: 50,
      effectiveMs: AT_MS + DAY_MS + 3_600_000,
      recordedMs: AT_MS + 2 * DAY_MS + 3_600_000,
    }),
  ]);
  return rig;
}

describe("GET …/ledger/balances of a past instant", () => {
  test.each([
    { query: "", held: -450 },
    { query: "as_of=2026-06-30", held: undefined },
    { query: "as_of=2026-07-01", held: -400 },
    { query: "as_of=2026-07-02", held: -450 },
    { query: "as_of=2026-07-02T01:00:00Z", held: -450 },
    { query: "as_of=2026-07-02T00:59:59.999Z", held: -400 },
    { query: "as_of=2026-07-02T02:59:59.999%2B02:00", held: -400 },
    { query: "as_of=2026-07-01T00:00:00Z", held: -400 },
    { query: "as_of=2026-06-30T23:59:59.999Z", held: undefined },
    { query: "known_at=2026-07-02", held: -400 },
    { query: "known_at=2026-07-03", held: -450 },
    { query: "known_at=2026-07-03T00:59:59.999Z", held: -400 },
    { query: "known_at=2026-07-03T01:00:00.000Z", held: -450 },
    { query: "known_at=2026-07-01T00:00:00.999Z", held: undefined },
    { query: "as_of=2026-07-02&known_at=2026-07-02", held: -400 },
    { query: "as_of=2026-07-02&known_at=2026-07-03", held: -450 },
    { query: "as_of=2026-07-01T12:00:00Z&known_at=2026-07-03", held: -400 },
    { query: "as_of=9999-12-31&known_at=9999-12-31T23:59:59.999Z", held: -450 },
    { query: "as_of=0000-01-01T00:00:00Z", held: undefined },
  ])("answers '$query' with what had happened and was known", async ({ query, held }) => {
    const rig = await corrected();
    const expected = held === undefined ? {} : { "dist:d1:held": held };
    expect(await usd(rig, `prefix=dist:&${query}`)).toEqual(expected);
  });

  test.each([
    { query: "as_of=2026-07-32", at: "as_of format" },
    { query: "as_of=yesterday", at: "as_of format" },
    { query: "as_of=", at: "as_of format" },
    { query: "known_at=2026-07-01T10:00:00", at: "known_at format" },
    { query: "known_at=2026-07-01T10:00:00+02:00", at: "known_at format" },
    { query: `known_at=${"1".repeat(41)}`, at: "known_at length" },
  ])("refuses '$query'", async ({ query, at }) => {
    const rig = await readRig();
    for (const path of ["ledger/balances", "distributors/d1/ledger"]) {
      const response = await rig.call(`GET ${path}?${query}`);
      expect(response.status).toBe(400);
      const { errors } = await response.json<{ errors: { path: string; rule: string }[] }>();
      expect(errors.map(({ path: of, rule }) => `${of} ${rule}`)).toEqual([at]);
    }
  });

  test("keeps to the prefix amid a day too", async () => {
    const rig = await readRig();
    const times = { effectiveMs: AT_MS, recordedMs: AT_MS };
    const debit = "exp:commission";
    await rig.mirror("dist:d", [moved({ debit, credit: "dist:d:held", amount: 1, ...times })]);
    await rig.mirror("dist:d:x", [moved({ debit, credit: "dist:d:x:held", amount: 2, ...times })]);
    await rig.mirror("dist:d1", [moved({ debit, credit: "dist:d1:held", amount: 4, ...times })]);
    const at = "as_of=2026-07-01T12:00:00Z";
    const own = { "dist:d:held": -1 };
    const theirs = { "dist:d:x:held": -2 };
    const other = { "dist:d1:held": -4 };
    expect(await usd(rig, `prefix=dist:d:h&${at}`)).toEqual(own);
    expect(await usd(rig, `prefix=dist:d:&${at}`)).toEqual({ ...own, ...theirs });
    expect(await usd(rig, `prefix=dist:d&${at}`)).toEqual({ ...own, ...theirs, ...other });
    expect(await usd(rig, `prefix=dis&${at}`)).toEqual({ ...own, ...theirs, ...other });
    expect(await usd(rig, `prefix=exp:&${at}`)).toEqual({ "exp:commission": 7 });
  });

  test("reads few rows at the end of a day, whatever the day held", async () => {
    const rig = await readRig();
    const one = { debit: "exp:commission", credit: "dist:d1:held", amount: 1 };
    const at = { effectiveMs: AT_MS, recordedMs: AT_MS };
    await rig.mirror(
      "dist:d1",
      Array.from({ length: 200 }, () => moved({ ...one, ...at })),
    );
    const rowsRead = async (asOfMs: number) => {
      let rows = 0;
      const session = env.MIRROR_0.withSession();
      const prepare = (sql: string) => ({
        bind: (...values: unknown[]) => ({
          all: async () => {
            const result = await session
              .prepare(sql)
              .bind(...values)
              .all();
            rows += result.meta.rows_read;
            return result;
          },
        }),
      });
      const counting = new Proxy(env.MIRROR_0, {
        get: () => () => ({ prepare, getBookmark: () => null }),
      });
      const reader = { tenant: rig.tenant, shard: 0 };
      await ledgerReads(() => counting).balances(reader, "", { limit: 10, asOfMs });
      return rows;
    };
    expect(await rowsRead(AT_MS + DAY_MS - 1)).toBeLessThan(20);
    expect(await rowsRead(AT_MS + 1)).toBeGreaterThan(200);
  });

  test("is exact up to 2^63, and beyond", async () => {
    const rig = await readRig();
    const put = (account: string, amounts: readonly string[]) =>
      Promise.all(
        amounts.map((amount, i) =>
          env.MIRROR_0.prepare(
            `INSERT INTO account_days VALUES (?, ?, 'USD', ?, '2026-07-01', ${amount})`,
          )
            .bind(rig.tenant, account, `2026-07-0${i + 1}`)
            .run(),
        ),
      );
    await put("most", ["9223372036854775806", "1"]);
    await put("more", ["9223372036854775807", "1"]);
    await put("less", ["-9223372036854775808", "-9223372036854775808", "-1"]);
    await put("none", ["1000000000", "-500000000", "-500000000"]);
    expect(await usd(rig, "prefix=most&as_of=2026-07-31")).toEqual({ most: "9223372036854775807" });
    const more = "9223372036854775808";
    expect(await usd(rig, "prefix=more")).toEqual({ more });
    expect(await usd(rig, "prefix=less")).toEqual({ less: "-18446744073709551617" });
    expect(await usd(rig, "prefix=none")).toEqual({});
  });

  test("is the sum of the transfers at any two instants", async () => {
    const account = fc.constantFrom("dist:d1:held", "dist:d1:available", "exp:commission", "cash");
    const time = fc.oneof(
      fc.integer({ min: 0, max: 4 }).map((day) => AT_MS + day * DAY_MS),
      fc.integer({ min: 0, max: 4 }).map((day) => AT_MS + day * DAY_MS - 1),
      fc.integer({ min: AT_MS, max: AT_MS + 4 * DAY_MS }),
    );
    const transfer = fc.record({
      debit: account,
      credit: account,
      amount: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      effectiveMs: time,
      recordedMs: time,
    });
    const asked = fc.record({ asOf: fc.option(time), knownAt: fc.option(time) });
    const property = fc.asyncProperty(
      fc.array(transfer, { maxLength: 12 }),
      fc.array(asked, { minLength: 1, maxLength: 4 }),
      async (transfers, questions) => {
        const rig = await readRig();
        await rig.mirror("dist:d1", transfers.map(moved));
        for (const { asOf, knownAt } of questions) {
          const query = [
            ...(asOf === null ? [] : [`as_of=${iso(asOf)}`]),
            ...(knownAt === null ? [] : [`known_at=${iso(knownAt)}`]),
          ].join("&");
          const counted = transfers.filter(
            ({ effectiveMs, recordedMs }) =>
              effectiveMs <= (asOf ?? Infinity) && recordedMs <= (knownAt ?? Infinity),
          );
          const sums = post(
            {},
            counted.flatMap((one) => moved(one).effects.transfers ?? []),
          );
          const expected = Object.fromEntries(
            Object.entries(sums).flatMap(([name, { USD = "0" }]) =>
              USD === "0" ? [] : [[name, USD]],
            ),
          );
          const told = Object.entries(await usd(rig, query)).map(([name, sum]) => [
            name,
            String(sum),
          ]);
          expect(Object.fromEntries(told)).toEqual(expected);
        }
      },
    );
    await fc.assert(property, { numRuns: runs(15) });
  });
});

describe("GET …/distributors/{id}/ledger of a past instant", () => {
  test.each([
    { query: "", amounts: [50, 400] },
    { query: "as_of=2026-07-01", amounts: [400] },
    { query: "known_at=2026-07-02", amounts: [400] },
    { query: "known_at=2026-07-03T01:00:00Z", amounts: [50, 400] },
    { query: "as_of=2026-06-30", amounts: [] },
  ])("lists with '$query' what counted then, page by page", async ({ query, amounts }) => {
    const rig = await corrected();
    const items = await walk(rig, `distributors/d1/ledger?${query}`, 1);
    expect(items).toMatchObject(amounts.map((amount_minor) => ({ amount: { amount_minor } })));
  });

  test("goes on where it was, whatever arrives", async () => {
    const rig = await corrected();
    const first = await listed(rig.call("GET distributors/d1/ledger?as_of=2026-07-02&limit=1"));
    await rig.mirror("dist:d1", [
      moved({
        debit: "exp:commission",
        credit: "dist:d1:held",
        amount: 7,
        effectiveMs: AT_MS,
        recordedMs: AT_MS + 5 * DAY_MS,
      }),
    ]);
    const cursor = `cursor=${first.next_cursor}`;
    const rest = await listed(rig.call(`GET distributors/d1/ledger?as_of=2026-07-02&${cursor}`));
    expect(rest).toMatchObject({ items: [{ amount: { amount_minor: 400 } }], next_cursor: null });
  });
});
