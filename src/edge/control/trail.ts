import { uuidV7 } from "../event-id.ts";
import type { Act } from "../act.ts";

const TRAIL = `INSERT INTO audit (tenant, audit_id, at_ms, actor, action, target, detail)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`;

/** What somebody did that changes no control table. */
export interface Deed {
  readonly tenant: string;
  readonly action: string;
  readonly target: string;
  readonly detail: object;
}

/** Leaves a deed in the audit trail, before it is done: rather one too many than one too few. */
export async function recordDeed(
  control: D1Database,
  { tenant, action, target, detail }: Deed,
  { actor, nowMs }: Act,
): Promise<void> {
  await control
    .prepare(TRAIL)
    .bind(tenant, uuidV7(nowMs), nowMs, actor, action, target, JSON.stringify(detail))
    .run();
}

/** As the ids of a trail begin that were given out from then on: they tell their millisecond. */
const idsFrom = (ms: number): string => {
  const time = Math.trunc(Math.max(0, ms)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}`;
};

const TRAIL_ONCE = `INSERT INTO audit (tenant, audit_id, at_ms, actor, action, target, detail)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM audit
    WHERE tenant = ?1 AND audit_id >= ?8 AND action = ?5 AND target = ?6 AND detail = ?7)`;

/** The same, unless it was left since then already: by a run that died before it was done. */
export async function recordDeedOnce(
  control: D1Database,
  { tenant, action, target, detail }: Deed,
  { actor, nowMs, sinceMs }: Act & { readonly sinceMs: number },
): Promise<void> {
  const values = [nowMs, actor, action, target, JSON.stringify(detail), idsFrom(sinceMs)];
  await control
    .prepare(TRAIL_ONCE)
    .bind(tenant, uuidV7(nowMs), ...values)
    .run();
}
