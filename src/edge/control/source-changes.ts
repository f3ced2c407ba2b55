import { STALE_MS_MAX } from "./directory.ts";

/** A reader can have the former options for so long: of its own memory, and of the copy that it reads. */
const LATE_MS = 2 * STALE_MS_MAX;

const READ_SO_FROM = `SELECT max(at_ms + iif(action = 'source.create', 0, ?3)) AS fromMs FROM audit
  WHERE tenant = ?1 AND target = ?2
    AND action IN ('source.create', 'source.update', 'source.delete')`;

/**
 * Since when a source is read as it is now, UTC ms, by the audit trail: what came before can have been
 * read otherwise. Pausing it, or a new secret of it, changes nothing of that. 0 where the trail has nothing.
 */
export async function readSoFromMs(
  control: D1Database,
  tenant: string,
  copy: string,
): Promise<number> {
  const row = await control
    .withSession("first-primary")
    .prepare(READ_SO_FROM)
    .bind(tenant, copy, LATE_MS)
    .first<{ fromMs: number | null }>();
  return row?.fromMs ?? 0;
}
