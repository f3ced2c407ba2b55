import type { Told } from "../../../core/reconciliation/aging.ts";
import { rowsOf } from "../reads/session.ts";

/** An open break, as far as its age goes. */
export interface AgingBreak {
  readonly tenant: string;
  readonly breakId: string;
  readonly class: string;
  readonly why: string | null;
  readonly foundMs: number;
  /** How far its age was told of. */
  readonly told: Told | null;
}

export type BreakPlace = Pick<AgingBreak, "tenant" | "breakId">;

const OPEN = `SELECT tenant, break_id AS breakId, class, why, found_ms AS foundMs, told
  FROM breaks INDEXED BY breaks_open
  WHERE resolved_ms IS NULL AND (tenant, break_id) > (?1, ?2) ORDER BY tenant, break_id LIMIT ?3`;

/** Open breaks of a shard by tenant and id, those behind a place. */
export const openBreaksAfter = (
  db: D1Database,
  { tenant, breakId }: BreakPlace,
  limit: number,
): Promise<readonly AgingBreak[]> =>
  rowsOf<AgingBreak>(db.withSession("first-primary"), OPEN, [tenant, breakId, limit]);

// As it was when it was looked at: of two that look at once one notes it.
const NOTE = `UPDATE breaks SET told = j.value ->> 'now' FROM json_each(?1) j
  WHERE breaks.tenant = j.value ->> 'tenant' AND breaks.break_id = j.value ->> 'breakId'
    AND resolved_ms IS NULL AND found_ms = j.value ->> 'foundMs' AND told IS j.value ->> 'told'
  RETURNING tenant, break_id AS breakId`;

/** Notes what of these is told of now; answers with those that nobody else has noted meanwhile. */
export const noteTold = (
  db: D1Database,
  telling: readonly (AgingBreak & { readonly now: Told })[],
): Promise<readonly BreakPlace[]> =>
  rowsOf<BreakPlace>(db.withSession("first-primary"), NOTE, [JSON.stringify(telling)]);
