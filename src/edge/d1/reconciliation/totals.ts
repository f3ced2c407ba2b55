import type { DigestedLine } from "../../subject-rows.ts";

const FOUND = `SELECT tenant, account, currency, day, known_day, sum(amount) AS amount FROM (
    SELECT tenant, debit AS account, currency, date(effective_ms / 1000.0, 'unixepoch') AS day,
      date(recorded_ms / 1000.0, 'unixepoch') AS known_day, amount_minor AS amount FROM transfers
    UNION ALL
    SELECT tenant, credit, currency, date(effective_ms / 1000.0, 'unixepoch'),
      date(recorded_ms / 1000.0, 'unixepoch'), -amount_minor FROM transfers
    UNION ALL
    SELECT tenant, account, currency, day, known_day, -amount_minor FROM account_days)
  WHERE tenant NOT IN (SELECT value FROM json_each(?1))
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0`;

const PUT = `INSERT INTO account_days (tenant, account, currency, day, known_day, amount_minor)
  ${FOUND} ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor`;

/** A daily total that is not what the transfers come to. */
export interface WrongTotal {
  readonly tenant: string;
  readonly account: string;
}

/**
 * Daily totals of accounts against the transfers they are made of, but for those of some tenants: reads
 * all of the shard once.
 */
export async function wrongTotals(
  db: D1Database,
  except: readonly string[],
): Promise<readonly WrongTotal[]> {
  return (await db.prepare(FOUND).bind(JSON.stringify(except)).all<WrongTotal>()).results;
}

/** Puts them right, in one statement: what is mirrored meanwhile moves both. */
export async function repairTotals(db: D1Database, except: readonly string[]): Promise<void> {
  await db.prepare(PUT).bind(JSON.stringify(except)).run();
}

/** Takes away the sums of a tenant that is none. */
export async function dropSums(db: D1Database, tenant: string): Promise<void> {
  await db.batch(
    ["account_days", "digests"].map((table) =>
      db.prepare(`DELETE FROM ${table} WHERE tenant = ?1`).bind(tenant),
    ),
  );
}

const SUMS = ["items", "amount_minor", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
const LIMBS = [0, 1, 2, 3, 4, 5, 6, 7];

const COUNT = `INSERT INTO digests (tenant, kind, hour_ms, shard, currency, ${SUMS.join(", ")})
  SELECT tenant, 'line', hour_ms, shard, currency,
    ${SUMS.map((sum) => `sum(${sum}) AS ${sum}`).join(", ")}
  FROM (
    SELECT tenant, digest ->> '$[8]' AS hour_ms, digest ->> '$[9]' AS shard,
      digest ->> '$[10]' AS currency, 1 AS items, digest ->> '$[11]' AS amount_minor,
      ${LIMBS.map((i) => `digest ->> '$[${i}]' AS s${i}`).join(", ")}
    FROM lines WHERE digest IS NOT NULL
    UNION ALL
    SELECT tenant, hour_ms, shard, currency, ${SUMS.map((sum) => `-${sum}`).join(", ")}
    FROM digests WHERE kind = 'line')
  WHERE tenant NOT IN (SELECT value FROM json_each(?1))
  GROUP BY 1, 3, 4, 5
  HAVING ${SUMS.map((sum) => `sum(${sum}) <> 0`).join(" OR ")}
  ON CONFLICT DO UPDATE SET ${SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ")}`;

/**
 * Puts the digests of lines right by what each line counts by, in one statement: lines of before there
 * were digests, and what a row lost that was changed while it was missing. Answers with how many.
 */
export async function repairLineDigests(
  db: D1Database,
  except: readonly string[],
): Promise<number> {
  return (await db.prepare(COUNT).bind(JSON.stringify(except)).run()).meta.changes;
}

const COUNTED = `SELECT j.key FROM json_each(?2) j CROSS JOIN digests d
  ON d.tenant = ?1 AND d.kind = 'line' AND d.hour_ms = j.value ->> '$[8]'
    AND d.shard = j.value ->> '$[9]' AND d.currency = j.value ->> '$[10]'
  WHERE d.items > 0`;

/**
 * Ids of those lines in whose place of the digests anything is counted: they had been, too. Lines of
 * before there were digests are counted nowhere.
 */
export async function countedLines(
  db: D1Database,
  tenant: string,
  lines: readonly DigestedLine[],
): Promise<ReadonlySet<string>> {
  const digests = JSON.stringify(lines.map(({ digest }) => digest));
  const { results } = await db.prepare(COUNTED).bind(tenant, digests).all<{ key: number }>();
  return new Set(results.flatMap(({ key }) => lines[key]?.line_id ?? []));
}
