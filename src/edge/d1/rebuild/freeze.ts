import type { Place } from "../../subject-rows.ts";
import { freezeSubject } from "../positions.ts";

/** As `freezeSubject`, also for a subject of which the mirror has lost the row. */
export async function freezeNamed(
  db: D1Database,
  frozen: Place & { readonly detail: string; readonly nowMs: number },
): Promise<void> {
  const { tenant, subject } = frozen;
  await db
    .prepare(
      `INSERT INTO subjects (tenant, subject, position, head) VALUES (?1, ?2, 0, '')
       ON CONFLICT DO NOTHING`,
    )
    .bind(tenant, subject)
    .run();
  await freezeSubject(db, frozen);
}

/** Why a subject is frozen while its rows are taken away a part at a time. */
export const HELD = "A rebuild takes its rows away, to mirror it anew from its log";
export const HELD_BEFORE = "A rebuild took its rows away, and mirrors it anew from its log";

/** Freezes a subject for as long as its rows are taken away. */
export const hold = (db: D1Database, { tenant, subject }: Place, nowMs: number): Promise<void> =>
  freezeNamed(db, { tenant, subject, detail: HELD, nowMs });

/** By its break alone: a person can have set free, or accepted, what a rebuild that died had held. */
export async function isHeld(db: D1Database, { tenant, subject }: Place): Promise<boolean> {
  const held = await db
    .prepare(
      "SELECT detail = ?3 AS held FROM breaks WHERE tenant = ?1 AND break_id = 'CHAIN:' || ?2",
    )
    .bind(tenant, subject, HELD)
    .first<number>("held");
  return held === 1;
}

/** Whether anybody of a tenant's stands frozen with some of its rows taken away. */
export async function holdsSome(db: D1Database, tenant: string): Promise<boolean> {
  const some = await db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM breaks b CROSS JOIN subjects s
         ON s.tenant = b.tenant AND s.subject = b.subject AND s.frozen_ms IS NOT NULL
       WHERE b.tenant = ?1 AND b.break_id >= 'CHAIN:' AND b.break_id < 'CHAIN;'
         AND b.detail = ?2) AS some`,
    )
    .bind(tenant, HELD)
    .first<number>("some");
  return some === 1;
}
