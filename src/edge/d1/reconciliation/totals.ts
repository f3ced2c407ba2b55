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
