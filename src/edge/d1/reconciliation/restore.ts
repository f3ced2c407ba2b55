import type { Mirrored } from "../../subject.ts";
import type { ListedPlace, Place } from "../../subject-rows.ts";
import { RECORD_KINDS } from "../record-kinds.ts";
import { BEGIN, END } from "./repair.ts";
import { CHAIN_BREAK } from "./subject-rows.ts";
import { isReadable, textOfHex } from "./unreadable.ts";

/*
 * Rows of subjects that say how far each was mirrored: lost, set back, frozen by hand, or of nobody.
 */

const UNFREEZE = `UPDATE subjects AS x SET frozen_ms = NULL
  WHERE x.tenant = ?1 AND x.subject = ?2 AND x.position = ?3 AND x.head = ?4 AND NOT ${CHAIN_BREAK}`;

/** Lets a subject go on that stands frozen without a break that says why. */
export async function unfreeze(
  db: D1Database,
  { tenant, subject }: Place,
  { position, head }: Mirrored,
): Promise<void> {
  await db.prepare(UNFREEZE).bind(tenant, subject, position, head).run();
}

const ACCEPTED = `SELECT EXISTS (SELECT 1 FROM subjects x JOIN breaks b ON b.tenant = x.tenant
    AND b.break_id = 'CHAIN:' || x.subject
  WHERE x.tenant = ?1 AND x.subject = ?2 AND x.frozen_ms IS NOT NULL
    AND b.resolved_ms IS NOT NULL AND b.outcome = 'accepted') AS found`;

/** Whether a subject is frozen by a break that a person accepted. */
export async function isAccepted(db: D1Database, { tenant, subject }: Place): Promise<boolean> {
  const query = db.withSession("first-primary").prepare(ACCEPTED).bind(tenant, subject);
  return (await query.first<number>("found")) === 1;
}

const HIGHEST = `SELECT coalesce(max(position), 0) AS events,
    (SELECT coalesce(max(position), 0) FROM transfers WHERE tenant = ?1 AND subject = ?2) AS transfers
  FROM events WHERE tenant = ?1 AND subject = ?2`;

interface Highest {
  readonly events: number;
  readonly transfers: number;
}

/** How far a subject was mirrored, by what is left of it where its own row is gone. */
export async function highestMirrored(
  db: D1Database,
  { tenant, subject }: Place,
): Promise<Highest> {
  const found = await db.prepare(HIGHEST).bind(tenant, subject).first<Highest>();
  return found ?? { events: 0, transfers: 0 };
}

/** Where a subject was, by its log. */
export interface LostRow {
  readonly position: number;
  readonly head: string;
  readonly recordedMs: number;
  /** As its object has it. */
  readonly displayName?: string;
}

/** Gives a subject the row that it has lost, or one that knows how far it was mirrored. */
export async function restoreRow(
  db: D1Database,
  { tenant, subject }: Place,
  { position, head, recordedMs, displayName }: LostRow,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO subjects (tenant, subject, position, head, as_of_ms, display_name)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET position = excluded.position,
         head = excluded.head WHERE subjects.position < excluded.position AND frozen_ms IS NULL`,
    )
    .bind(tenant, subject, position, head, recordedMs, displayName ?? null)
    .run();
}

const TRACES = `SELECT EXISTS (SELECT 1 FROM anchors WHERE tenant = ?1 AND subject = ?2)
    OR EXISTS (SELECT 1 FROM transfers WHERE tenant = ?1 AND subject = ?2)
    OR EXISTS (SELECT 1 FROM lines WHERE tenant = ?1 AND 'dist:' || distributor_id = ?2
      AND distributor_id = substr(?2, 6))
    OR EXISTS (SELECT 1 FROM events WHERE tenant = ?1 AND subject = ?2) AS found`;

/** Whether anything beside a subject's own row says that there ever was such a subject. */
export async function hasTraces(db: D1Database, { tenant, subject }: Place): Promise<boolean> {
  const found = await db.prepare(TRACES).bind(tenant, subject).first<number>("found");
  return found !== 0;
}

/** Whether anything was ever mirrored for a tenant: of one that is real the mirror knows an event. */
export async function isKnownByEvents(db: D1Database, tenant: string): Promise<boolean> {
  const query = db.prepare("SELECT EXISTS (SELECT 1 FROM events WHERE tenant = ?1) AS found");
  return (await query.bind(tenant).first<number>("found")) === 1;
}

const MOVED = `version >= 'm' OR (version >= 'd' AND version < 'e')`;

/** Everything by which a subject is met without its own row: left there, it would be met for ever. */
const STRANGERS: readonly string[] = [
  ...["transfers", "anchors", "subjects"].map(
    (table) => `DELETE FROM ${table} WHERE tenant = ?1 AND subject = ?2`,
  ),
  ...["lines", "standings"].map(
    (table) => `DELETE FROM ${table} WHERE tenant = ?1 AND ?2 LIKE 'dist:%'
      AND distributor_id = substr(?2, 6)`,
  ),
  "DELETE FROM orders WHERE tenant = ?1 AND ?2 LIKE 'order:%' AND order_id = substr(?2, 7)",
  ...[...RECORD_KINDS].map(
    ([name, kind]) => `DELETE FROM records WHERE tenant = ?1 AND ?2 LIKE '${name}:%'
      AND kind = '${kind}' AND id = substr(?2, ${name.length + 2})`,
  ),
  `DELETE FROM edges WHERE tenant = ?1 AND ?2 = 'tree:' || ?1 AND (${MOVED})`,
];

const SUMS = ["account_days", "digests"].map(
  (table) => `DELETE FROM ${table} WHERE tenant = ?1 AND ?2 IS NOT NULL`,
);

/** Takes away what the mirror has under a name that is no text, or of a tenant with such a name. */
export async function dropUnreadable(
  db: D1Database,
  bytes: NonNullable<ListedPlace["bytes"]>,
): Promise<void> {
  const [tenant] = bytes;
  const drops = isReadable(tenant) ? STRANGERS : [...STRANGERS, ...SUMS];
  const statements = [BEGIN, ...drops, END].map((sql) =>
    db.prepare(sql.replace(/\?[12]/g, textOfHex)).bind(...bytes),
  );
  await db.batch(statements);
}

/** Takes away the sums of a tenant whose name, by the hex of its bytes, is no text. */
export async function dropUnreadableSums(db: D1Database, tenant: string): Promise<void> {
  await db.batch(SUMS.map((sql) => db.prepare(sql.replace(/\?[12]/g, textOfHex)).bind(tenant, "")));
}

/** Takes away what the mirror has of a subject of a tenant that is none of this shard's. */
export async function dropStranger(db: D1Database, { tenant, subject }: Place): Promise<void> {
  await db.batch([BEGIN, ...STRANGERS, END].map((sql) => db.prepare(sql).bind(tenant, subject)));
}
