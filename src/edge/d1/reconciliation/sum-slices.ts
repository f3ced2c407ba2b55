import type { SumPage, SumRow } from "../../sum-buckets.ts";
import { textOfHex } from "./unreadable.ts";

const DAY_MS = 86_400_000;

/**
 * Sums and what they are made of are compared in so many buckets, each the days of effect that leave the
 * same rest: what differs in one is summed again, and no other.
 */
const SUM_BUCKETS = 256;
/** The bucket of sums whose day is none. */
const NO_DAY_BUCKET = SUM_BUCKETS;

/** Rows read at once: some megabytes. */
export const PAGE_ROWS = 10_000;
/** Rows that are summed by one statement: it takes two seconds. */
const ROWS_AT_ONCE = 400_000;

const bucketOfDay = (day: string): string =>
  `((${day}) % ${SUM_BUCKETS} + ${SUM_BUCKETS}) % ${SUM_BUCKETS}`;

/** The bucket of an instant; before 1970, too, a day's instants are those behind its beginning. */
export const bucketOfMs = (ms: string): string =>
  bucketOfDay(`((${ms}) - ((${ms}) % ${DAY_MS} + ${DAY_MS}) % ${DAY_MS}) / ${DAY_MS}`);

/** The day of an instant, as totals name it. */
export const dateOf = (ms: string): string => `date(${ms} / 1000.0, 'unixepoch')`;

/** The bucket of a day's name. */
export const bucketOfName = (day: string): string =>
  `iif(date(${day}) IS ${day}, ${bucketOfDay(`unixepoch(${day}) / 86400`)}, ${NO_DAY_BUCKET})`;

/** A page of rows, and where the next one begins. */
export function pageOf<Row>(
  rows: readonly Row[],
  sumsOf: (row: Row) => readonly SumRow[],
  placeOf: (row: Row) => readonly (string | number)[],
): SumPage {
  const last = rows.at(-1);
  const page = { rows: rows.flatMap((row) => sumsOf(row)) };
  return last === undefined || rows.length < PAGE_ROWS ? page : { ...page, next: placeOf(last) };
}

/** All buckets, in as many parts as so many rows of a tenant take. */
export function slicesOf(rows: number): readonly (readonly number[])[] {
  const all = Array.from({ length: SUM_BUCKETS + 1 }, (_, bucket) => bucket);
  const parts = Math.min(all.length, Math.ceil(rows / ROWS_AT_ONCE));
  return Array.from({ length: parts }, (_, i) => all.filter((bucket) => bucket % parts === i));
}

// Each from its own index: nothing else of the shard is read.
const TENANT_AFTER = `SELECT tenant, hex(tenant) AS hex FROM (SELECT min(tenant) AS tenant FROM (${[
  "transfers",
  "account_days",
  "lines",
  "digests",
]
  .map(
    (table) => `SELECT (SELECT tenant FROM ${table} WHERE tenant > ${textOfHex("?1")}
      ORDER BY tenant LIMIT 1) AS tenant`,
  )
  .join(" UNION ALL ")}))`;

/** A tenant by name, and by the hex of its bytes: what is no text comes out otherwise than it is. */
export interface SummedTenant {
  readonly tenant: string;
  readonly hex: string;
}

/** The next tenant that has sums, or anything that they are made of, behind one that is told by its bytes. */
export async function summedTenantAfter(
  db: D1Database,
  hex: string,
): Promise<SummedTenant | undefined> {
  type Row = { readonly tenant: string | null; readonly hex: string };
  const next = await db.prepare(TENANT_AFTER).bind(hex).first<Row>();
  if (next === null || next.tenant === null) return undefined;
  return { tenant: next.tenant, hex: next.hex };
}

/** Takes away the sums of a tenant that is none. */
export async function dropSums(db: D1Database, tenant: string): Promise<void> {
  await db.batch(
    ["account_days", "digests"].map((table) =>
      db.prepare(`DELETE FROM ${table} WHERE tenant = ?1`).bind(tenant),
    ),
  );
}
