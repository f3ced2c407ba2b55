import { BALANCES } from "../../../core/reconciliation/balances.ts";
import { type BreakClass, breakIdPrefix } from "../../../core/reconciliation/break-id.ts";
import type { LineName } from "../../../core/reconciliation/differ.ts";
import type { Sha256 } from "../../../core/reconciliation/digest.ts";
import type { JudgedBreak, KnownBreak } from "../../../core/reconciliation/judge.ts";
import { rowsOf } from "../reads/session.ts";
import type { Sent } from "../../../core/reconciliation/sending.ts";
import type { OpenRun } from "./runs.ts";

// Every break of a line is named by it. Of what heals it the first event has its name, others that
// and a number; a person's decision has a word there.
const KNOWN = `SELECT b.break_id, b.found_ms AS opened_ms, b.outcome, b.run_id, b.action, b.sent,
    CASE WHEN b.class = 'EXTRA_LOCAL' AND b.action = 'suspend' AND b.resolved_ms IS NULL
      THEN json_object('distributor_id', b.distributor_id, 'line_id', b.reference) END AS put_aside,
    CASE WHEN b.class = 'EXTRA_LOCAL' AND b.resolution ->> '$.decision' = 'reverse'
      THEN json_object('distributor_id', b.distributor_id, 'line_id', b.reference) END AS reversed,
    EXISTS (SELECT 1 FROM events e WHERE e.tenant = b.tenant AND e.source = ?3 AND e.repeated = 0
      AND e.sender_id >= 'recon:' || b.break_id AND e.sender_id < 'recon:' || b.break_id || ';'
      AND (e.sender_id = 'recon:' || b.break_id
        OR substr(e.sender_id, length(b.break_id) + 7) GLOB ':[0-9]*')
      AND e.outcome IN ('quarantined', 'conflict')) AS refused
  FROM json_each(?2) j CROSS JOIN breaks b ON b.tenant = ?1
    AND b.break_id >= j.value ->> 'from' AND b.break_id < (j.value ->> 'from') || 'g'
    AND b.distributor_id = j.value ->> 'd' AND b.reference = j.value ->> 'l'
  WHERE b.run_id IS NOT NULL`;

interface KnownRow extends Omit<KnownBreak, "refused" | "put_aside" | "reversed" | "sent"> {
  readonly refused: number;
  /** JSON of a name. */
  readonly put_aside: string | null;
  readonly reversed: string | null;
  readonly sent: string | null;
}

/** Lines asked for at once: seven names of breaks each, far below D1's 2 MB a value. */
const NAMES_AT_ONCE = 500;

/** Every break that was ever kept of these lines. */
export async function knownBreaks(
  db: D1Database,
  { tenant, source, sha256 }: Asker,
  names: readonly LineName[],
): Promise<ReadonlyMap<string, KnownBreak>> {
  const known = new Map<string, KnownBreak>();
  const session = db.withSession("first-primary");
  for (let i = 0; i < names.length; i += NAMES_AT_ONCE) {
    const asked = names.slice(i, i + NAMES_AT_ONCE).flatMap((name) => prefixesOf(name, sha256));
    const values = [tenant, JSON.stringify(asked), source];
    for (const row of await rowsOf<KnownRow>(session, KNOWN, values)) {
      known.set(row.break_id, {
        ...row,
        refused: row.refused === 1,
        put_aside: row.put_aside === null ? null : parseName(row.put_aside),
        reversed: row.reversed === null ? null : parseName(row.reversed),
        sent: row.sent === null ? null : parseSent(row.sent),
      });
    }
  }
  return known;
}

interface Asker {
  readonly tenant: string;
  readonly source: string;
  readonly sha256: Sha256;
}

// Own text: what the query builds.
const parseName = (text: string): LineName => JSON.parse(text);

// Own text: what PUT keeps.
const parseSent = (text: string): Sent => JSON.parse(text);

const LINE_CLASSES = [
  "MISSING_LOCAL",
  "EXTRA_LOCAL",
  "CURRENCY",
  "AMOUNT",
  "STATUS",
  "TIMING",
] as const;

/** What ids of breaks of a line begin with; one of balances is named as a line of its distributor's. */
function prefixesOf({ distributor_id: d, line_id: l }: LineName, sha256: Sha256) {
  const from = (kind: BreakClass, line_id: string): string =>
    breakIdPrefix({ class: kind, distributor_id: d, line_id }, sha256);
  return [
    ...LINE_CLASSES.map((kind) => ({ d, l, from: from(kind, l) })),
    ...(d === l ? [{ d, l, from: from("BALANCE_ONLY", BALANCES) }] : []),
  ];
}

const PUT = `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms, run_id,
    distributor_id, currency, amount_minor, core, mirror, action, why, sent)
  SELECT ?1, value ->> 'break_id', value ->> 'class', 'dist:' || (value ->> 'distributor_id'),
    coalesce(value ->> 'line_id', value ->> 'distributor_id'), value ->> 'detail',
    value ->> 'opened_ms', ?2, value ->> 'distributor_id',
    coalesce(value ->> '$.core.currency', value ->> '$.local.currency'),
    coalesce(value ->> '$.core.amount_minor', value ->> '$.local.amount_minor'),
    value -> 'core', value -> 'local', value ->> 'action', value ->> 'why', value ->> 'sent'
  FROM json_each(?3) WHERE true
  ON CONFLICT (tenant, break_id) DO UPDATE SET action = excluded.action, why = excluded.why,
    detail = excluded.detail, sent = excluded.sent WHERE breaks.resolved_ms IS NULL`;

/** Keeps what was judged: each difference once, with what is done about it by now. */
export async function putBreaks(
  db: D1Database,
  { tenant, runId }: Pick<OpenRun, "tenant" | "runId">,
  breaks: readonly JudgedBreak[],
): Promise<void> {
  for (let i = 0; i < breaks.length; i += 200) {
    const part = JSON.stringify(breaks.slice(i, i + 200));
    await db.prepare(PUT).bind(tenant, runId, part).run();
  }
}

const OPEN = `SELECT break_id, class, action, why, distributor_id, reference AS line_id,
    found_ms AS opened_ms, max(coalesce(core ->> 'effective_ms', mirror ->> 'effective_ms'),
      coalesce(mirror ->> 'effective_ms', core ->> 'effective_ms')) AS latest_ms
  FROM breaks INDEXED BY breaks_open
  WHERE tenant = ?1 AND resolved_ms IS NULL AND break_id > ?2 AND run_id IS NOT NULL
    AND class <> 'BALANCE_ONLY'
    AND coalesce(core ->> 'effective_ms', mirror ->> 'effective_ms') >= ?3
    AND coalesce(core ->> 'effective_ms', mirror ->> 'effective_ms') < ?4
    AND coalesce(mirror ->> 'effective_ms', core ->> 'effective_ms') >= ?3
    AND coalesce(mirror ->> 'effective_ms', core ->> 'effective_ms') < ?4
  ORDER BY break_id LIMIT ?5`;

type OpenRow = LineName &
  Pick<JudgedBreak, "break_id" | "class" | "action" | "why" | "opened_ms"> & {
    /** When the later of its sides took effect. */
    readonly latest_ms: number;
  };

/** Open breaks of lines both of whose sides took effect in a range, in the order of their ids. */
export const openBreaks = (
  db: D1Database,
  tenant: string,
  asked: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<readonly OpenRow[]> => {
  const { fromMs, toMs, after = "", limit } = asked;
  const values = [tenant, after, fromMs, toMs, limit];
  return rowsOf<OpenRow>(db.withSession("first-primary"), OPEN, values);
};

// Whoever decides upon its line ends it once that is posted.
const END = `UPDATE breaks SET outcome = o.outcome,
    resolved_ms = iif(o.outcome IS NULL, NULL, ?3), why = iif(o.outcome = 'gone', why, NULL)
  FROM (SELECT value ->> 'break_id' AS id, value ->> 'outcome' AS outcome FROM json_each(?2)) o
  WHERE tenant = ?1 AND break_id = o.id AND resolved_ms IS NULL AND resolution ->> '$.decision' IS NULL`;

/** Closes breaks that are over; with a null outcome one stays open, and no limit is on it any more. */
export async function endBreaks(
  db: D1Database,
  { tenant, nowMs }: { readonly tenant: string; readonly nowMs: number },
  over: readonly { readonly break_id: string; readonly outcome: "healed" | "gone" | null }[],
): Promise<void> {
  if (over.length === 0) return;
  await db.prepare(END).bind(tenant, JSON.stringify(over), nowMs).run();
}

const UNKNOWN = `SELECT DISTINCT j.value AS id FROM json_each(?2) j WHERE NOT EXISTS
  (SELECT 1 FROM standings s WHERE s.tenant = ?1 AND s.distributor_id = j.value
    AND s.kind = 'enrolment')
  AND NOT EXISTS (SELECT 1 FROM lines l WHERE l.tenant = ?1 AND l.distributor_id = j.value)
  AND NOT EXISTS (SELECT 1 FROM subjects x WHERE x.tenant = ?1 AND x.subject = 'dist:' || j.value
    AND CASE WHEN json_valid(x.view) THEN x.view ->> '$.enrolment' END IS NOT NULL)`;

const FROZEN = `SELECT DISTINCT j.value AS id FROM json_each(?2) j JOIN subjects s
  ON s.tenant = ?1 AND s.subject = 'dist:' || j.value WHERE s.frozen_ms IS NOT NULL`;

/** Those of these distributors whose objects take nothing any more. */
export const frozenAmong = (
  db: D1Database,
  tenant: string,
  distributors: readonly string[],
): Promise<ReadonlySet<string>> => amongThese(db, FROZEN, { tenant, distributors });

/**
 * Those of these distributors whom nobody has enrolled, as far as the mirror is. Of somebody who is, one
 * row of the mirror or the other may be lost: his object takes what is sent.
 */
export const unknownAmong = (
  db: D1Database,
  tenant: string,
  distributors: readonly string[],
): Promise<ReadonlySet<string>> => amongThese(db, UNKNOWN, { tenant, distributors });

async function amongThese(
  db: D1Database,
  sql: string,
  { tenant, distributors }: { readonly tenant: string; readonly distributors: readonly string[] },
): Promise<ReadonlySet<string>> {
  const values = [tenant, JSON.stringify([...new Set(distributors)])];
  const rows = await rowsOf<{ id: string }>(db.withSession("first-primary"), sql, values);
  return new Set(rows.map(({ id }) => id));
}
