import { uuidV7 } from "../../event-id.ts";
import type { HeldRow, HeldState, Marked, Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readingOf, readRows, rowsOf, sessionOf } from "./session.ts";

const COLUMNS = "event_id AS eventId, state, source, type, key, code, reason, since_ms AS sinceMs";

const LIST = `SELECT ${COLUMNS} FROM held WHERE tenant = ?1 AND event_id > ?2
  AND (?3 IS NULL OR state = ?3) ORDER BY event_id LIMIT ?4`;

const ONE = `SELECT ${COLUMNS}, message FROM held WHERE tenant = ?1 AND event_id = ?2`;

const WAITING = "SELECT state, count(*) AS events FROM held WHERE tenant = ?1 GROUP BY state";

const TRAIL = `INSERT INTO audit (tenant, audit_id, at_ms, actor, action, target, detail)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`;

const TRAIL_WHILE_HELD = `INSERT INTO audit (tenant, audit_id, at_ms, actor, action, target, detail)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
  WHERE EXISTS (SELECT 1 FROM held WHERE tenant = ?1 AND event_id = ?8 AND state = ?9)`;

const REMOVE = "DELETE FROM held WHERE tenant = ?1 AND event_id = ?2 AND state = ?3";

interface HeldEvent extends HeldRow {
  readonly message: string | null;
}

interface Act {
  readonly actor: string;
  readonly nowMs: number;
}

/** What a person did with a held event, and the state in which it was found. */
interface HeldAct {
  readonly tenant: string;
  readonly shard: number;
  readonly eventId: string;
  readonly state: HeldState;
  readonly action: string;
}

/** Removed, and which bookmark sees that; or not as it was any more. */
type Removal = ({ readonly kind: "removed" } & Marked) | { readonly kind: "raced" };

/** Events that wait. `control` is where the audit trail is. */
export const heldReads = (mirrorOf: MirrorOf, control: D1Database) => ({
  list(
    reader: Reader,
    state: HeldState | undefined,
    { after = "", limit }: Part<string>,
  ): Promise<Reading<readonly HeldRow[]>> {
    const values = [reader.tenant, after, state ?? null, limit];
    return readRows(sessionOf(mirrorOf, reader), LIST, values);
  },

  async one({ tenant, shard }: Reader, eventId: string): Promise<HeldEvent | undefined> {
    const session = mirrorOf(shard).withSession("first-primary");
    const [row] = await rowsOf<HeldEvent>(session, ONE, [tenant, eventId]);
    return row;
  },

  async waiting(reader: Reader): Promise<Reading<Partial<Record<HeldState, number>>>> {
    const session = sessionOf(mirrorOf, reader);
    const rows = await rowsOf<{ state: HeldState; events: number }>(session, WAITING, [
      reader.tenant,
    ]);
    const counts = Object.fromEntries(rows.map(({ state, events }) => [state, events]));
    return readingOf(session, counts);
  },

  record: (done: HeldAct, act: Act): Promise<void> => record(control, done, act),

  async remove(done: HeldAct, act: Act): Promise<Removal> {
    const { tenant, shard, eventId, state } = done;
    const mirror = mirrorOf(shard);
    const session = mirror.withSession("first-primary");
    const removal = session.prepare(REMOVE).bind(tenant, eventId, state);
    if (mirror !== control) {
      // No batch spans two databases: rather an attempt on record than a discard that is not.
      await record(control, done, act);
      return removedBy(session, await removal.run());
    }
    const trail = session.prepare(TRAIL_WHILE_HELD).bind(...trailOf(done, act), eventId, state);
    // The removal comes last: it alone changes what the trail's guard reads.
    const [, result] = await session.batch([trail, removal]);
    return removedBy(session, result);
  },
});

async function record(control: D1Database, done: HeldAct, act: Act): Promise<void> {
  await control
    .prepare(TRAIL)
    .bind(...trailOf(done, act))
    .run();
}

function removedBy(session: D1DatabaseSession, result: D1Result | undefined): Removal {
  if (result === undefined || result.meta.changes === 0) return { kind: "raced" };
  const { value: kind, ...mark } = readingOf(session, "removed" as const);
  return { kind, ...mark };
}

const trailOf = (
  { tenant, eventId, action, state }: HeldAct,
  { actor, nowMs }: Act,
): readonly [string, string, number, string, string, string, string] => [
  tenant,
  uuidV7(nowMs),
  nowMs,
  actor,
  action,
  `held:${eventId}`,
  JSON.stringify({ state }),
];
