import type {
  BalanceRow,
  Part,
  Reader,
  Reading,
  TransferPlace,
  TransferRow,
} from "../../reading.ts";
import { type MirrorOf, readRows, sessionOf } from "./session.ts";

export const TRANSFER_COLUMNS = `position, n, rule, debit, credit, amount_minor AS amountMinor,
  currency, reference, event_id AS eventId, effective_ms AS effectiveMs, recorded_ms AS recordedMs`;

const TRANSFERS = `SELECT ${TRANSFER_COLUMNS} FROM transfers
  WHERE tenant = ?1 AND subject = ?2 AND (position, n) < (?3, ?4)
  ORDER BY position DESC, n DESC LIMIT ?5`;

// A range of the primary key, which no character of the prefix can escape from; and text, as the
// sum of a company can pass 2^53.
const BALANCES = `SELECT account, currency, CAST(SUM(amount_minor) AS TEXT) AS amount
  FROM account_days WHERE tenant = ?1 AND account >= ?2 AND account < ?3
  GROUP BY account, currency HAVING SUM(amount_minor) <> 0 ORDER BY account, currency LIMIT ?4`;

/** Sorts behind every text that begins with the same prefix. */
const LAST = "\u{10FFFF}";

/** Transfers and balances as the mirror has them. */
export const ledgerReads = (mirrorOf: MirrorOf) => ({
  transfers(
    reader: Reader,
    subject: string,
    { after, limit }: Part<TransferPlace>,
  ): Promise<Reading<readonly TransferRow[]>> {
    const { position, n } = after ?? { position: Number.MAX_SAFE_INTEGER, n: 0 };
    const values = [reader.tenant, subject, position, n, limit];
    return readRows(sessionOf(mirrorOf, reader), TRANSFERS, values);
  },

  balances(
    reader: Reader,
    prefix: string,
    { limit }: Part<never>,
  ): Promise<Reading<readonly BalanceRow[]>> {
    const values = [reader.tenant, prefix, prefix + LAST, limit];
    return readRows(sessionOf(mirrorOf, reader), BALANCES, values);
  },
});
