import type { Movement } from "../../../core/statement/statement.ts";
import type { Reader, Reading } from "../../reading.ts";
import { exactSum, type SumHalves, sumHalves } from "../exact-sum.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

/** Of which month and distributor, and what was known of it by when. */
interface Asked {
  readonly distributorId: string;
  /** A period of this name closes the month. */
  readonly month: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly knownAtMs: number;
}

interface Earnings {
  readonly isKnown: boolean;
  /** When it was recorded that the month's period is closed. */
  readonly closedMs: number | null;
  readonly movements: readonly Movement[];
}

const PLACE = `SELECT EXISTS (SELECT 1 FROM subjects WHERE tenant = ?1 AND subject = ?2) AS known,
  (SELECT recorded_ms FROM records WHERE tenant = ?1 AND kind = 'period' AND id = ?3) AS closedMs`;

// A distributor's own transfers, all of them: what opens a month is everything before it. A line is
// looked up only where its component is shown.
const MOVEMENTS = `SELECT t.rule, t.debit, t.credit, l.component, t.currency,
    ${sumHalves("t.amount_minor")}, t.effective_ms < ?4 AS isBefore
  FROM transfers t LEFT JOIN lines l ON l.tenant = t.tenant AND l.distributor_id = ?3
    AND l.line_id = t.reference AND t.effective_ms >= ?4
  WHERE t.tenant = ?1 AND t.subject = ?2 AND t.effective_ms < ?5 AND t.recorded_ms <= ?6
  GROUP BY t.rule, t.debit, t.credit, l.component, t.currency, isBefore`;

interface Row extends Omit<Movement, "amount" | "isBefore">, SumHalves {
  readonly isBefore: number;
}

/** What statements are made of, as the mirror has it. */
export const earningsReads = (mirrorOf: MirrorOf) => ({
  async month(reader: Reader, asked: Asked): Promise<Reading<Earnings>> {
    const session = sessionOf(mirrorOf, reader);
    const { distributorId, month, fromMs, toMs, knownAtMs } = asked;
    const subject = `dist:${distributorId}`;
    const [place] = await rowsOf<{ known: number; closedMs: number | null }>(session, PLACE, [
      reader.tenant,
      subject,
      month,
    ]);
    const closedMs = place?.closedMs ?? null;
    if (place?.known !== 1) return readingOf(session, { isKnown: false, closedMs, movements: [] });
    const values = [reader.tenant, subject, distributorId, fromMs, toMs, knownAtMs];
    const rows = await rowsOf<Row>(session, MOVEMENTS, values);
    const movements = rows.map(({ high, low, ...row }) => ({
      ...row,
      amount: exactSum({ high, low }),
      isBefore: row.isBefore === 1,
    }));
    return readingOf(session, { isKnown: true, closedMs, movements });
  },
});
