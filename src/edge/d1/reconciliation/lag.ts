import { RECON_SOURCE } from "../../../core/contracts/reconciliation.ts";
import { rowsOf } from "../reads/session.ts";

/** The latest events of a day: more rows would tell the same, and each is paid for. */
const EVENTS_MAX = 20_000;
const LOOKED_BACK_MS = 86_400_000;

// By when they came, as ids of events begin with that. What the gateway made itself counts from when
// its run began, and what a person had applied later than that person's decision.
const LAG = `WITH late AS (SELECT max(recorded_ms - received_ms, 0) AS ms FROM events
    WHERE tenant = ?1 AND event_id >= ?2 AND source <> ?3 AND outcome = 'applied'
    ORDER BY event_id DESC LIMIT ${EVENTS_MAX})
  SELECT ms FROM late ORDER BY ms DESC LIMIT 1 OFFSET (SELECT count(*) / 1000 FROM late)`;

/** Within how long 999 of 1000 events were applied of late, from when they were received; 0 of none. */
export async function lagMs(db: D1Database, tenant: string, nowMs: number): Promise<number> {
  const time = Math.trunc(Math.max(0, nowMs - LOOKED_BACK_MS))
    .toString(16)
    .padStart(12, "0");
  const since = `evt_${time.slice(0, 8)}-${time.slice(8)}`;
  const [row] = await rowsOf<{ ms: number }>(db.withSession("first-primary"), LAG, [
    tenant,
    since,
    RECON_SOURCE,
  ]);
  return row?.ms ?? 0;
}
