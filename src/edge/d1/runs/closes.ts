import type { Break } from "../../../core/subject/entry.ts";
import { exactSum, type SumHalves, sumHalves } from "../exact-sum.ts";
import { rowsOf } from "../reads/session.ts";

/** A telling of a period's close. */
interface Close {
  readonly tenant: string;
  readonly period_id: string;
  readonly epoch: number;
  readonly rev: string;
}

interface Row extends Close {
  readonly value: string;
  readonly state: string | null;
}

const JOB = "'compared:' || r.tenant || ':' || r.epoch || '.' || r.rev || ':' || r.id";

const jobOf = ({ tenant, period_id, epoch, rev }: Close): string =>
  `compared:${tenant}:${epoch}.${rev}:${period_id}`;

const CLOSES = `SELECT r.tenant, r.id AS period_id, r.epoch, r.rev, r.value, d.state
  FROM json_each(?1) t CROSS JOIN records r
    ON r.tenant = t.value AND r.kind = 'period' AND r.recorded_ms <= ?2
    LEFT JOIN jobs d ON d.job = ${JOB}
  WHERE coalesce(d.state ->> 'isDone', 0) = 0
  ORDER BY r.recorded_ms LIMIT ?3`;

/** Closes that were recorded by then and not compared yet, with how far each of them is. */
export async function closesToCompare(
  db: D1Database,
  tenants: readonly string[],
  { recordedByMs, limit }: { readonly recordedByMs: number; readonly limit: number },
) {
  const values = [JSON.stringify(tenants), recordedByMs, limit];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), CLOSES, values);
  return rows.map(({ value, ...row }) => ({ ...row, ...parseTold(value) }));
}

interface Told {
  readonly run_id: string;
  readonly totals: Readonly<Record<string, number>>;
  readonly lines: number;
  readonly digest: string;
}

/** Own text: what a record's open members are. */
const parseTold = (value: string): Told => {
  const { run_id, totals, lines, digest }: Told = JSON.parse(value);
  return { run_id, totals, lines, digest };
};

/** What stands in suspense, by currency. */
export async function suspenseOf(
  db: D1Database,
  tenant: string,
): Promise<readonly { readonly currency: string; readonly amount: string }[]> {
  const sql = `SELECT currency, ${sumHalves("amount_minor")} FROM account_days
    WHERE tenant = ?1 AND account = 'suspense:recon' GROUP BY currency ORDER BY currency`;
  const session = db.withSession("first-primary");
  const rows = await rowsOf<SumHalves & { readonly currency: string }>(session, sql, [tenant]);
  return rows.map(({ currency, ...halves }) => ({ currency, amount: String(exactSum(halves)) }));
}

export async function putCloseBreaks(
  db: D1Database,
  { tenant, period_id }: Close,
  { breaks, nowMs }: { readonly breaks: readonly Break[]; readonly nowMs: number },
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
       SELECT ?1, value ->> 'break_id', value ->> 'class', 'period:' || ?2, value ->> 'reference',
         value ->> 'detail', ?4 FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(tenant, period_id, JSON.stringify(breaks), nowMs)
    .run();
}

export async function saveCompared(
  db: D1Database,
  close: Close,
  { state, nowMs }: { readonly state: object; readonly nowMs: number },
): Promise<void> {
  await db
    .prepare("INSERT OR REPLACE INTO jobs (job, state, ran_ms) VALUES (?, ?, ?)")
    .bind(jobOf(close), JSON.stringify(state), nowMs)
    .run();
}
