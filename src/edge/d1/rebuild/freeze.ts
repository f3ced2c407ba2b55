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
