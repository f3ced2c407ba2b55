import type { SumPage, SumPlace, SumSlice } from "../../sum-buckets.ts";
import { highOf, lowOf, sumOfHalves } from "../exact-sum.ts";
import { rowsOf } from "../reads/session.ts";
import { IS_TOTAL_LEFT_OUT } from "./left-out.ts";
import { bucketOfMs, bucketOfName, dateOf, PAGE_ROWS, pageOf } from "./sum-slices.ts";

const FIRST: SumPlace = ["", Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];

const TRANSFERS = `SELECT subject, position, n, debit, credit, currency,
    CAST(amount_minor AS TEXT) AS amount, ${bucketOfMs("effective_ms")} AS bucket,
    ${dateOf("effective_ms")} AS day, ${dateOf("recorded_ms")} AS known_day
  FROM transfers WHERE tenant = ?1 AND (subject, position, n) > (?2, ?3, ?4)
  ORDER BY subject, position, n LIMIT ${PAGE_ROWS}`;

interface TransferRow {
  readonly subject: string;
  readonly position: number;
  readonly n: number;
  readonly debit: string;
  readonly credit: string;
  readonly currency: string;
  readonly amount: string;
  readonly bucket: number;
  readonly day: string | null;
  readonly known_day: string | null;
}

const keyOf = (account: string, { currency, day, known_day }: Omit<DayRow, "account">): string =>
  `${account}\n${currency}\n${day}\n${known_day}`;

/** What transfers of a tenant add to its daily totals, some at a time. */
export async function totalsOfTransfers(
  db: D1Database,
  tenant: string,
  after: SumPlace = FIRST,
): Promise<SumPage> {
  const session = db.withSession("first-primary");
  const rows = await rowsOf<TransferRow>(session, TRANSFERS, [tenant, ...after]);
  return pageOf(rows, sumsOfTransfer, ({ subject, position, n }) => [subject, position, n]);
}

function sumsOfTransfer({ day, known_day, ...row }: TransferRow) {
  // Of a time that no calendar has: nothing is counted.
  if (day === null || known_day === null) return [];
  const { debit, credit, bucket, currency } = row;
  const amount = BigInt(row.amount);
  const of = { currency, day, known_day };
  return [
    { bucket, key: keyOf(debit, of), amounts: [amount] },
    { bucket, key: keyOf(credit, of), amounts: [-amount] },
  ];
}

const DAYS = `SELECT account, currency, day, known_day, CAST(amount_minor AS TEXT) AS amount,
    ${bucketOfName("day")} AS bucket
  FROM account_days WHERE tenant = ?1 AND (account, currency, day, known_day) > (?2, ?3, ?4, ?5)
  ORDER BY account, currency, day, known_day LIMIT ${PAGE_ROWS}`;

interface DayRow {
  readonly account: string;
  readonly currency: string;
  readonly day: string;
  readonly known_day: string;
}

/** Daily totals of a tenant as they are kept, some at a time. */
export async function totalsKept(
  db: D1Database,
  tenant: string,
  after: SumPlace = ["", "", "", ""],
): Promise<SumPage> {
  const session = db.withSession("first-primary");
  const rows = await rowsOf<DayRow & { amount: string; bucket: number }>(session, DAYS, [
    tenant,
    ...after,
  ]);
  return pageOf(
    rows,
    (row) => [{ bucket: row.bucket, key: keyOf(row.account, row), amounts: [BigInt(row.amount)] }],
    ({ account, currency, day, known_day }) => [account, currency, day, known_day],
  );
}

const side = (account: string, sign: string): string => `SELECT ${account} AS account, currency,
      ${dateOf("effective_ms")} AS day, ${dateOf("recorded_ms")} AS known_day,
      ${sign}(${highOf("amount_minor")}) AS high, ${sign}(${lowOf("amount_minor")}) AS low, NULL AS kept
    FROM transfers WHERE tenant = ?1
      AND ${bucketOfMs("effective_ms")} IN (SELECT value FROM json_each(?2))`;

// Of every total at most one row is kept. An amount that does not fit is none.
const WRONG = `SELECT * FROM (
  SELECT account, currency, day, known_day, ${sumOfHalves("high", "low")} AS amount, max(kept) AS kept
  FROM (${side("debit", "")}
    UNION ALL ${side("credit", "-")}
    UNION ALL SELECT account, currency, day, known_day, 0, 0, amount_minor FROM account_days
      WHERE tenant = ?1 AND ${bucketOfName("day")} IN (SELECT value FROM json_each(?2)))
  WHERE day IS NOT NULL AND known_day IS NOT NULL
  GROUP BY 1, 2, 3, 4)
  WHERE amount IS NOT coalesce(kept, 0) AND NOT ${IS_TOTAL_LEFT_OUT}`;

/** Which totals are told of by name. */
const TOLD_MAX = 1000;

const FOUND = `SELECT account, amount IS NULL AS isTooLarge FROM (${WRONG}) LIMIT ${TOLD_MAX}`;

const PUT = `INSERT INTO account_days (tenant, account, currency, day, known_day, amount_minor)
  SELECT ?1, account, currency, day, known_day, amount FROM (${WRONG}) WHERE amount IS NOT NULL
  ON CONFLICT DO UPDATE SET amount_minor = excluded.amount_minor`;

/** Accounts of which some daily total is not what the transfers come to. */
export interface WrongTotals {
  readonly accounts: readonly string[];
  /** Those of which one has a total that does not fit into 64 bits: it stays as it is. */
  readonly tooLarge: readonly string[];
}

/** Daily totals in some buckets of a tenant's, against the transfers they are made of, as of one instant. */
export async function wrongTotals(db: D1Database, slice: SumSlice): Promise<WrongTotals> {
  const session = db.withSession("first-primary");
  const rows = await rowsOf<{ account: string; isTooLarge: number }>(
    session,
    FOUND,
    valuesOf(slice),
  );
  const [wrong, tooLarge] = [0, 1].map((flag) => [
    ...new Set(rows.filter((row) => row.isTooLarge === flag).map(({ account }) => account)),
  ]);
  return { accounts: wrong ?? [], tooLarge: tooLarge ?? [] };
}

/** Makes them anew, in one statement: what is mirrored meanwhile moves both. Answers how many were wrong. */
export async function repairTotals(db: D1Database, slice: SumSlice): Promise<number> {
  return (
    await db
      .prepare(PUT)
      .bind(...valuesOf(slice))
      .run()
  ).meta.changes;
}

const valuesOf = ({ tenant, buckets, leftOut = [] }: SumSlice): readonly string[] => [
  tenant,
  JSON.stringify(buckets),
  JSON.stringify(leftOut),
];
