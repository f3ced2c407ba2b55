import { formatInstant } from "../../../core/contracts/instant.ts";
import type {
  BalanceRow,
  Part,
  Reader,
  Reading,
  TransferPlace,
  TransferRow,
} from "../../reading.ts";
import { exactSum, isSomething, type SumHalves, sumHalves } from "../exact-sum.ts";
import { type MirrorOf, readingOf, readRows, rowsOf, sessionOf } from "./session.ts";

export const TRANSFER_COLUMNS = `position, n, rule, debit, credit, amount_minor AS amountMinor,
  currency, reference, event_id AS eventId, effective_ms AS effectiveMs, recorded_ms AS recordedMs`;

const TRANSFERS = `SELECT ${TRANSFER_COLUMNS} FROM transfers
  WHERE tenant = ?1 AND subject = ?2 AND (position, n) < (?3, ?4)
    AND effective_ms <= ?6 AND recorded_ms <= ?7
  ORDER BY position DESC, n DESC LIMIT ?5`;

// A range of the primary key, which no character of the prefix can escape from.
const WHOLE_DAYS = `SELECT account, currency, amount_minor AS amount FROM account_days
  WHERE tenant = ?1 AND account >= ?2 AND account < ?3 AND day < ?5 AND known_day < ?6`;

// What the whole days leave out, each transfer once on either side.
const BESIDE_THEM = `FROM transfers WHERE tenant = ?1 AND subject >= ?7 AND subject < ?8
    AND effective_ms <= ?9 AND recorded_ms <= ?10 AND (effective_ms >= ?11 OR recorded_ms >= ?12)`;

const balancesOf = (amounts: string) => `SELECT account, currency, ${sumHalves("amount")}
  FROM (${amounts})
  GROUP BY account, currency HAVING ${isSomething("amount")} ORDER BY account, currency LIMIT ?4`;

const BALANCES = balancesOf(WHOLE_DAYS);

const BALANCES_AMID_DAYS = balancesOf(`${WHOLE_DAYS}
  UNION ALL SELECT debit, currency, amount_minor ${BESIDE_THEM} AND debit >= ?2 AND debit < ?3
  UNION ALL SELECT credit, currency, -amount_minor ${BESIDE_THEM} AND credit >= ?2 AND credit < ?3`);

/** Sorts behind every text that begins with the same prefix. */
const LAST = "\u{10FFFF}";

/** Behind everything that RFC 3339 can write. */
const FOREVER_MS = Number.MAX_SAFE_INTEGER - 1;

const DAY_MS = 86_400_000;
const YEAR_10000_MS = 253_402_300_800_000;

/** Bounds of the two time axes, both inclusive: none where absent. */
interface Times {
  readonly asOfMs?: number;
  readonly knownAtMs?: number;
}

interface BalanceHalves extends Omit<BalanceRow, "amount">, SumHalves {}

/** Transfers and balances as the mirror has them. */
export const ledgerReads = (mirrorOf: MirrorOf) => ({
  transfers(
    reader: Reader,
    subject: string,
    { after, limit, asOfMs = FOREVER_MS, knownAtMs = FOREVER_MS }: Part<TransferPlace> & Times,
  ): Promise<Reading<readonly TransferRow[]>> {
    const { position, n } = after ?? { position: Number.MAX_SAFE_INTEGER, n: 0 };
    const values = [reader.tenant, subject, position, n, limit, asOfMs, knownAtMs];
    return readRows(sessionOf(mirrorOf, reader), TRANSFERS, values);
  },

  /**
   * Few rows a day and account where both instants are the end of a day. Amid a day it looks at all
   * transfers of the tenant as well, or of the distributors that the prefix names.
   */
  async balances(
    reader: Reader,
    prefix: string,
    { limit, asOfMs = FOREVER_MS, knownAtMs = FOREVER_MS }: Part<never> & Times,
  ): Promise<Reading<readonly BalanceRow[]>> {
    const session = sessionOf(mirrorOf, reader);
    const effective = wholeDaysOf(asOfMs);
    const known = wholeDaysOf(knownAtMs);
    const values = [reader.tenant, prefix, prefix + LAST, limit, effective.before, known.before];
    const isWhole = effective.isWhole && known.isWhole;
    const subjects = subjectsOf(prefix);
    const times = [asOfMs, knownAtMs, effective.endMs, known.endMs];
    const amid = [...values, subjects, subjects + LAST, ...times];
    const rows = await rowsOf<BalanceHalves>(
      session,
      isWhole ? BALANCES : BALANCES_AMID_DAYS,
      isWhole ? values : amid,
    );
    const balances = rows.map(({ account, currency, ...halves }) => ({
      account,
      currency,
      amount: String(exactSum(halves)),
    }));
    return readingOf(session, balances);
  },
});

/** The days that an instant, itself included, has seen to their end. */
function wholeDaysOf(ms: number) {
  const endMs = Math.floor((ms + 1) / DAY_MS) * DAY_MS;
  const isForever = endMs >= YEAR_10000_MS;
  return {
    /** They sort before this text. */
    before: isForever ? "~" : formatInstant(endMs).slice(0, "yyyy-mm-dd".length),
    endMs,
    isWhole: isForever || endMs === ms + 1,
  };
}

/**
 * With what the subjects begin that can touch accounts of this prefix: `dist:B:held` is touched in
 * `dist:B` alone (DOMAIN «Sharding rule»), accounts of the company anywhere.
 */
function subjectsOf(prefix: string): string {
  if (!prefix.startsWith("dist:")) return "";
  const end = prefix.lastIndexOf(":");
  return end < "dist:".length ? prefix : prefix.slice(0, end);
}
