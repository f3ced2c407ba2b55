const FOUND = `SELECT tenant, account, currency, day, known_day, sum(amount) AS amount FROM (
    SELECT tenant, debit AS account, currency, date(effective_ms / 1000.0, 'unixepoch') AS day,
      date(recorded_ms / 1000.0, 'unixepoch') AS known_day, amount_minor AS amount FROM transfers
    UNION ALL
    SELECT tenant, credit, currency, date(effective_ms / 1000.0, 'unixepoch'),
      date(recorded_ms / 1000.0, 'unixepoch'), -amount_minor FROM transfers
    UNION ALL
    SELECT tenant, account, currency, day, known_day, -amount_minor FROM account_days)
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0`;

const PUT = `INSERT INTO account_days (tenant, account, currency, day, known_day, amount_minor)
  ${FOUND} ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor
  RETURNING tenant, account`;

/** A total that was not what the transfers come to. */
export interface RepairedTotal {
  readonly tenant: string;
  readonly account: string;
}

/**
 * Puts the daily totals of accounts right by the transfers they are made of, in one statement: what
 * is mirrored meanwhile moves both. Reads every transfer of the shard once.
 */
export async function repairTotals(db: D1Database): Promise<readonly RepairedTotal[]> {
  return (await db.prepare(PUT).all<RepairedTotal>()).results;
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
  GROUP BY 1, 3, 4, 5
  HAVING ${SUMS.map((sum) => `sum(${sum}) <> 0`).join(" OR ")}
  ON CONFLICT DO UPDATE SET ${SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ")}`;

/**
 * Puts the digests of lines right by what each line counts by, in one statement: lines of before there
 * were digests, and what a row lost that was changed while it was missing. Answers with how many.
 */
export async function repairLineDigests(db: D1Database): Promise<number> {
  return (await db.prepare(COUNT).run()).meta.changes;
}
