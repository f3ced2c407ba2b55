import { createHash } from "node:crypto";

/** A difference that no object's log tells of: found by looking at the mirror. */
export interface FoundBreak {
  readonly tenant: string;
  readonly breakId: string;
  readonly class: string;
  readonly subject: string;
  readonly reference: string;
  readonly detail: string;
  readonly foundMs: number;
}

const OPEN = `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (tenant, break_id) DO UPDATE SET detail = excluded.detail,
    found_ms = iif(resolved_ms IS NULL, found_ms, excluded.found_ms), resolved_ms = NULL,
    told = iif(resolved_ms IS NULL, told, NULL), outcome = NULL WHERE breaks.outcome IS NOT 'accepted'`;

/** Opens a break; one that is open keeps its time, one that was resolved is open again as if it were new, and one that was accepted stays so. */
export async function openBreak(db: D1Database, found: FoundBreak): Promise<void> {
  const { tenant, breakId, subject, reference, detail, foundMs } = found;
  await db
    .prepare(OPEN)
    .bind(tenant, breakId, found.class, subject, reference, detail, foundMs)
    .run();
}

/** A difference that was put right as it was found: for those who look what happened. */
export interface HealedBreak {
  readonly tenant: string;
  readonly class: string;
  readonly subject: string;
  readonly detail: string;
  readonly nowMs: number;
}

const HEALED = `INSERT INTO breaks
    (tenant, break_id, class, subject, reference, detail, found_ms, resolved_ms, outcome)
  VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?6, 'healed')
  ON CONFLICT DO UPDATE SET found_ms = excluded.found_ms, resolved_ms = excluded.resolved_ms,
    outcome = excluded.outcome`;

/** Keeps what is put right: told before that is done, and told again after a crash, it is one break. */
export async function putHealed(db: D1Database, healed: HealedBreak): Promise<void> {
  const { tenant, subject, detail, nowMs } = healed;
  const digest = createHash("sha256").update(detail).digest("hex").slice(0, 16);
  const breakId = `${healed.class}:${subject}:${digest}`;
  await db.prepare(HEALED).bind(tenant, breakId, healed.class, subject, detail, nowMs).run();
}
