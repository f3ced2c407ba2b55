import type { Payable, Proposal } from "../../../core/runs/proposal.ts";
import type { ControlReader, Part, Reading } from "../../reading.ts";
import { controlSession, readRows, rowsOf } from "../reads/session.ts";

export interface PayablesFound {
  readonly items: readonly Payable[];
  readonly next?: string;
}

// The view is the object's own: balances by account and currency, a credit below zero, as text.
const PAYABLES = `WITH part AS MATERIALIZED (
    SELECT tenant, subject, substr(subject, 6) AS id, view FROM subjects
    WHERE tenant = ?1 AND subject > ?2 AND subject < 'dist;' ORDER BY subject LIMIT ?4),
  open AS MATERIALIZED (
    SELECT subject, break_id FROM breaks INDEXED BY breaks_open
    WHERE tenant = ?1 AND resolved_ms IS NULL AND class IN ('AMOUNT', 'EXTRA_LOCAL'))
  SELECT p.subject, p.id, b.value ->> ('$.' || ?3) AS balance,
    (SELECT json_group_array(o.break_id) FROM open o WHERE o.subject = p.subject) AS doubts
  FROM part p LEFT JOIN json_each(p.view, '$.balances') b ON b.key = p.subject || ':available'
  ORDER BY p.subject`;

/** What distributors are owed in a currency, some of them at a time. */
export async function payablesAfter(
  mirror: D1Database,
  asked: { readonly tenant: string; readonly currency: string },
  { cursor = "dist:", limit }: { readonly cursor: string | undefined; readonly limit: number },
): Promise<PayablesFound> {
  const rows = await rowsOf<{
    subject: string;
    id: string;
    balance: string | null;
    doubts: string;
  }>(mirror.withSession("first-primary"), PAYABLES, [asked.tenant, cursor, asked.currency, limit]);
  const items = rows.map(({ id, balance, doubts }): Payable => ({
    distributor_id: id,
    available_minor: -BigInt(balance ?? "0"),
    doubts: JSON.parse(doubts),
  }));
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last === undefined ? { items } : { items, next: last.subject };
}

const PUT = `INSERT OR REPLACE INTO payout_proposals (tenant, run_id, distributor_id, currency,
    gross_minor, fee_minor, withholding_minor, net_minor)
  SELECT ?1, ?2, value ->> 'distributor_id', value ->> 'currency', value ->> 'gross_minor',
    value ->> 'fee_minor', value ->> 'withholding_minor', value ->> 'net_minor'
  FROM json_each(?3)`;

export interface ProposalPlace {
  readonly distributorId: string;
  readonly currency: string;
}

const LIST = `SELECT distributor_id, currency, gross_minor, fee_minor, withholding_minor, net_minor
  FROM payout_proposals WHERE tenant = ?1 AND run_id = ?2
    AND (distributor_id, currency) > (?3, ?4)
  ORDER BY distributor_id, currency LIMIT ?5`;

/** Payouts that runs propose, in the control tables. */
export const proposalStore = (control: D1Database) => ({
  /** Adds a page; the first one takes the place of what an earlier attempt proposed. */
  async put(
    { tenant, runId }: { readonly tenant: string; readonly runId: string },
    { proposals, isFirst }: { readonly proposals: readonly Proposal[]; readonly isFirst: boolean },
  ): Promise<void> {
    const clear = control
      .prepare("DELETE FROM payout_proposals WHERE tenant = ? AND run_id = ?")
      .bind(tenant, runId);
    const put = control.prepare(PUT).bind(tenant, runId, JSON.stringify(proposals));
    await control.batch(isFirst ? [clear, put] : [put]);
  },

  /** By distributor and currency. */
  list(
    reader: ControlReader & { readonly runId: string },
    { after, limit }: Part<ProposalPlace>,
  ): Promise<Reading<readonly Proposal[]>> {
    const { tenant, runId } = reader;
    const place = [after?.distributorId ?? "", after?.currency ?? ""];
    return readRows(controlSession(control, reader), LIST, [tenant, runId, ...place, limit]);
  },
});
