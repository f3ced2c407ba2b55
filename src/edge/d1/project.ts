import type { LooseRows, MirrorTail, Position } from "../mirror.ts";
import { adding } from "./adding.ts";
import { RECORD_CHANGES } from "./changes.ts";
import { COUNT_LINES, type CountedLines, countStatements } from "./count-lines.ts";
import { ADD_DIGESTS } from "./digest-rows.ts";
import { FENCE, field, fields, NEW_ROWS } from "./fence.ts";
import { RECOUNT_FRONTLINES } from "./frontlines.ts";
import { looseStatements } from "./loose.ts";
import { mirrorRows, type MirrorRows } from "./mirror-rows.ts";
import { deliveryStatements, LAY_DELIVERIES, type LaidDelivery } from "./outbound/lay.ts";

/** Another row has this sender's id already: the unique index holds the first one. */
const REPEATED = `CASE WHEN ${field("repeated")} = 1 OR EXISTS (SELECT 1 FROM events e
    WHERE e.tenant = ${field("t")} AND e.source = ${field("source")}
      AND e.sender_id = ${field("id")} AND e.repeated = 0
      AND e.event_id <> ${field("event_id")}) THEN 1 ELSE 0 END`;

/** One statement a table, in an order in which none reads what another still has to write. */
const STATEMENTS: readonly {
  readonly rows: Exclude<keyof MirrorRows, "tails">;
  readonly sql: string;
}[] = [
  {
    // What never took effect gives its sender's id up to the event that does.
    rows: "events",
    sql: `${FENCE} UPDATE events SET repeated = 1
        WHERE repeated = 0 AND position IS NULL
          AND (tenant, source, sender_id) IN (SELECT ${fields("t", "source", "id")} ${NEW_ROWS})
          AND event_id NOT IN (SELECT ${field("event_id")} FROM json_each(?2) r)`,
  },
  {
    rows: "events",
    sql: `${FENCE} INSERT INTO events (tenant, event_id, source, sender_id, type, subject, outcome,
          code, of, position, delivery_id, archive, occurred_ms, received_ms, recorded_ms, errors, repeated)
        SELECT ${fields("t", "event_id", "source", "id", "type", "s", "outcome", "code", "of", "p", "delivery_id", "archive", "occurred_ms", "received_ms", "recorded_ms")},
          NULL, ${REPEATED} ${NEW_ROWS}
        ON CONFLICT (tenant, event_id) DO UPDATE SET outcome = excluded.outcome, code = excluded.code,
          of = excluded.of, subject = excluded.subject, type = excluded.type,
          position = excluded.position, recorded_ms = excluded.recorded_ms, errors = NULL,
          repeated = min(repeated, excluded.repeated)`,
  },
  {
    rows: "events",
    sql: `${FENCE} INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms, resolved_ms)
        SELECT ${field("t")}, 'ID_REUSED:' || (${field("event_id")}), 'ID_REUSED', ${field("s")},
          ${field("id")}, 'The sender used this id for two subjects', ${field("recorded_ms")}, NULL
        ${NEW_ROWS} AND ${field("outcome")} = 'applied' AND ${REPEATED} = 1
        ON CONFLICT DO NOTHING`,
  },
  {
    rows: "held",
    sql: `${FENCE} INSERT INTO held (tenant, event_id, state, source, sender_id, type, key, code, reason, since_ms, needs)
        SELECT ${fields("t", "event_id", "outcome", "source", "id", "type", "key", "code", "reason", "recorded_ms", "needs")}
        ${NEW_ROWS} ON CONFLICT DO UPDATE SET state = excluded.state, code = excluded.code,
          reason = excluded.reason, key = excluded.key, needs = excluded.needs, message = NULL`,
  },
  {
    rows: "released",
    sql: `${FENCE} DELETE FROM held WHERE (tenant, event_id) IN (SELECT ${fields("t", "event_id")} ${NEW_ROWS})`,
  },
  {
    rows: "transfers",
    sql: `${FENCE} INSERT INTO transfers (tenant, subject, position, n, rule, debit, credit,
          amount_minor, currency, reference, event_id, effective_ms, recorded_ms)
        SELECT ${fields("t", "s", "p", "n", "rule", "debit", "credit", "amount_minor", "currency", "reference", "event_id", "effective_ms", "recorded_ms")}
        ${NEW_ROWS}`,
  },
  {
    rows: "days",
    sql: `${FENCE} INSERT INTO account_days
        SELECT ${fields("t", "account", "currency", "day", "known_day")}, SUM(${field("amount")})
        ${NEW_ROWS} GROUP BY 1, 2, 3, 4, 5 HAVING SUM(${field("amount")}) <> 0
        ON CONFLICT DO UPDATE SET ${adding("amount_minor")}`,
  },
  {
    // Before the lines: what they added before is taken away.
    rows: "digests",
    sql: `${FENCE}, fresh AS MATERIALIZED (SELECT r.value AS v ${NEW_ROWS}) ${ADD_DIGESTS}`,
  },
  {
    rows: "lines",
    sql: `${FENCE} INSERT INTO lines (tenant, distributor_id, line_id, order_id, component, level,
          depth, rate_ppm, amount_minor, reversed_minor, currency, state, period_id, effective_ms,
          origin, due_ms, digest)
        SELECT ${fields("t", "distributor_id", "line_id", "order_id", "component", "level", "depth", "rate_ppm", "amount_minor", "reversed_minor", "currency", "state", "period_id", "effective_ms")},
          ${fields("origin", "due_ms", "digest")}
        ${NEW_ROWS} ON CONFLICT (tenant, distributor_id, line_id) DO UPDATE SET
          order_id = excluded.order_id, state = excluded.state, reversed_minor = excluded.reversed_minor,
          amount_minor = excluded.amount_minor, depth = excluded.depth,
          rate_ppm = excluded.rate_ppm, period_id = excluded.period_id, due_ms = excluded.due_ms,
          origin = excluded.origin, component = excluded.component, level = excluded.level,
          currency = excluded.currency, effective_ms = excluded.effective_ms,
          digest = excluded.digest`,
  },
  {
    rows: "standings",
    sql: `${FENCE} INSERT INTO standings (tenant, distributor_id, kind, period_id, epoch, rev, effective_ms, value)
        SELECT ${fields("t", "id", "kind", "period_id", "epoch", "rev", "effective_ms", "value")}
        ${NEW_ROWS}`,
  },
  {
    rows: "frontlines",
    sql: `${FENCE} INSERT INTO frontlines SELECT ${fields("t", "distributor_id")}, SUM(${field("by")})
        ${NEW_ROWS} GROUP BY 1, 2
        ON CONFLICT DO UPDATE SET distributors = distributors + excluded.distributors`,
  },
  {
    rows: "edges",
    sql: `${FENCE} INSERT INTO edges (tenant, tree, node, version, node_kind, effective_ms, parent_id, leg)
        SELECT ${fields("t", "tree", "node", "version", "node_kind", "effective_ms", "parent_id", "leg")}
        ${NEW_ROWS} ON CONFLICT DO NOTHING`,
  },
  {
    rows: "edges",
    sql: `${FENCE}, fresh AS MATERIALIZED (
        SELECT DISTINCT ${field("t")} AS tenant, ${field("node")} AS node ${NEW_ROWS}
          AND ${field("tree")} = 'sponsor') ${RECOUNT_FRONTLINES}`,
  },
  {
    rows: "orders",
    sql: `${FENCE} INSERT INTO orders (tenant, order_id, state, payment_id, source_node, order_kind, currency,
          net_minor, tax_minor, shipping_minor, amount_minor, fee_minor, returned_minor, cv_x100,
          pv_x100, paid_ms, period_id, lines, manifest)
        SELECT ${fields("t", "order_id", "state", "payment_id", "source_node", "order_kind", "currency", "net_minor", "tax_minor", "shipping_minor", "amount_minor", "fee_minor", "returned_minor", "cv_x100", "pv_x100", "paid_ms", "period_id", "lines", "manifest")}
        ${NEW_ROWS} ON CONFLICT (tenant, order_id) DO UPDATE SET state = excluded.state,
          payment_id = excluded.payment_id, source_node = excluded.source_node,
          order_kind = excluded.order_kind, currency = excluded.currency,
          net_minor = excluded.net_minor, tax_minor = excluded.tax_minor,
          shipping_minor = excluded.shipping_minor, amount_minor = excluded.amount_minor,
          fee_minor = excluded.fee_minor, returned_minor = excluded.returned_minor,
          cv_x100 = excluded.cv_x100, pv_x100 = excluded.pv_x100, paid_ms = excluded.paid_ms,
          period_id = excluded.period_id, lines = excluded.lines, manifest = excluded.manifest`,
  },
  {
    rows: "volumes",
    sql: `${FENCE} INSERT INTO volumes (tenant, distributor_id, period_id, pv_x100, cv_x100, gv_x100)
        SELECT ${fields("t", "distributor_id", "period_id")}, SUM(${field("pv_x100")}),
          SUM(${field("cv_x100")}), SUM(${field("gv_x100")})
        ${NEW_ROWS} GROUP BY 1, 2, 3
        ON CONFLICT DO UPDATE SET ${["pv_x100", "cv_x100", "gv_x100"].map(adding).join(", ")}`,
  },
  {
    // After the edges, standings and volumes of the batch, its orders and what is held.
    rows: "changes",
    sql: `${FENCE}, fresh AS MATERIALIZED (SELECT r.value AS change ${NEW_ROWS}) ${RECORD_CHANGES}`,
  },
  {
    // A payment can have one order only: the second to name it is for a person.
    rows: "aliases",
    sql: `${FENCE} INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms, resolved_ms)
        SELECT ${field("t")}, 'ALIAS_TAKEN:' || (${field("alias")}) || ':' || (${field("s")}),
          'ALIAS_TAKEN', ${field("s")}, ${field("alias")}, 'Another order was told to have it: ' || a.subject,
          ${field("at_ms")}, NULL
        FROM json_each(?2) r CROSS JOIN ok
          ON ok.tenant = r.value ->> 't' AND ok.subject = r.value ->> 's'
          CROSS JOIN aliases a ON a.tenant = ${field("t")} AND a.alias = ${field("alias")}
            AND a.subject <> ${field("s")}
        WHERE r.value ->> 'p' > ok.at ON CONFLICT DO NOTHING`,
  },
  {
    rows: "aliases",
    sql: `${FENCE} INSERT INTO aliases SELECT ${fields("t", "alias", "s")} ${NEW_ROWS}
        ON CONFLICT DO NOTHING`,
  },
  {
    rows: "messages",
    sql: `${FENCE} INSERT INTO messages (tenant, message_key, kind, subject, about, created_ms)
        SELECT ${fields("t", "key", "kind", "s", "about", "at_ms")} ${NEW_ROWS}
        ON CONFLICT DO NOTHING`,
  },
  {
    rows: "records",
    sql: `${FENCE} INSERT INTO records (tenant, kind, id, epoch, rev, occurred_ms, recorded_ms, value)
        SELECT ${fields("t", "kind", "id", "epoch", "rev", "occurred_ms", "recorded_ms", "value")}
        ${NEW_ROWS} ON CONFLICT (tenant, kind, id) DO UPDATE SET epoch = excluded.epoch,
          rev = excluded.rev, occurred_ms = excluded.occurred_ms,
          recorded_ms = excluded.recorded_ms, value = excluded.value`,
  },
  {
    rows: "gaps",
    sql: `${FENCE} INSERT INTO gaps (tenant, subject, source, epoch, from_seq, to_seq, since_ms, stage, at_ms)
        SELECT ${fields("t", "s", "source", "epoch", "from_seq", "to_seq", "since_ms", "stage", "at_ms")}
        ${NEW_ROWS} ON CONFLICT DO UPDATE SET stage = excluded.stage,
          at_ms = iif(excluded.stage = stage, at_ms, excluded.at_ms), since_ms = excluded.since_ms,
          to_seq = iif(excluded.stage = 'closed', to_seq, excluded.to_seq)`,
  },
  {
    rows: "breaks",
    sql: `${FENCE} INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms, resolved_ms)
        SELECT ${fields("t", "break_id", "class", "s", "reference", "detail", "found_ms")}, NULL
        ${NEW_ROWS} ON CONFLICT DO NOTHING`,
  },
];

/**
 * Last of all, in the same batch: whoever reads this position finds everything before it. The view
 * is that of the tail's last row; a tail that is not whole has none, and leaves the old one.
 */
const MOVE_POSITIONS = `${FENCE} INSERT INTO subjects
    (tenant, subject, position, head, view_position, as_of_ms, display_name, view)
  SELECT tenant, subject, tail ->> 'p', tail ->> 'e',
    iif(tail ->> 'view' IS NULL, NULL, tail ->> 'p'), tail ->> 'ms', tail ->> 'name', tail ->> 'view'
  FROM ok WHERE tail ->> 'p' > at
  ON CONFLICT DO UPDATE SET position = excluded.position, head = excluded.head,
    view_position = coalesce(excluded.view_position, view_position),
    as_of_ms = iif(excluded.view IS NULL, as_of_ms, excluded.as_of_ms),
    display_name = iif(excluded.view IS NULL, display_name, excluded.display_name),
    view = coalesce(excluded.view, view)`;

/** Of the lines that are new to the mirror, as everything before it is. */
const COUNT_NEW_LINES = `${FENCE}, fresh AS MATERIALIZED (SELECT r.value AS v ${NEW_ROWS}) ${COUNT_LINES}`;

/** First of all: whether a message is news it can be asked as long as the batch has not written it. */
const LAY_NEW_DELIVERIES = `${FENCE}, fresh AS MATERIALIZED (SELECT r.value AS v ${NEW_ROWS}) ${LAY_DELIVERIES}`;

const READ_POSITIONS = `SELECT j.value ->> 't' AS tenant, j.value ->> 's' AS subject,
    coalesce(p.position, 0) AS position, coalesce(p.head, '') AS head,
    p.frozen_ms IS NOT NULL AS frozen
  FROM json_each(?1) j LEFT JOIN subjects p
    ON p.tenant = j.value ->> 't' AND p.subject = j.value ->> 's'`;

interface PositionRow {
  readonly tenant: string;
  readonly subject: string;
  readonly position: number;
  readonly head: string;
  readonly frozen: number;
}

/** Where the mirror stands with these subjects: at position 0 with those it does not know. */
export async function readPositions(
  db: D1Database,
  subjects: readonly { readonly tenant: string; readonly subject: string }[],
): Promise<readonly Position[]> {
  const named = subjects.map(({ tenant, subject }) => ({ t: tenant, s: subject }));
  const primary = db.withSession("first-primary");
  const { results } = await primary
    .prepare(READ_POSITIONS)
    .bind(JSON.stringify(named))
    .all<PositionRow>();
  return results.map((row) => ({ ...row, frozen: row.frozen === 1 }));
}

/** What a batch writes along with its tails. */
interface Along {
  readonly counted?: readonly CountedLines[];
  readonly deliveries?: readonly LaidDelivery[];
}

/**
 * Writes tails, and rows that no object logs, in one D1 batch: all or nothing. Answers with D1's
 * positions read back in the same batch: what they cover is mirrored, whoever wrote it.
 */
export async function projectBatch(
  db: D1Database,
  tails: readonly MirrorTail[],
  loose: LooseRows,
  { counted = [], deliveries = [] }: Along = {},
): Promise<readonly Position[]> {
  const rows = mirrorRows(tails);
  // Every statement reads the fence again: the summaries, most of it, are for the last one alone.
  const fenceJson = JSON.stringify(rows.tails.map(({ t, s, h }) => ({ t, s, h })));
  const statements = [
    ...deliveryStatements(db, LAY_NEW_DELIVERIES, { tails: rows.tails, deliveries }),
    ...STATEMENTS.filter((statement) => rows[statement.rows].length > 0).map((statement) =>
      db.prepare(statement.sql).bind(fenceJson, JSON.stringify(rows[statement.rows])),
    ),
    ...countStatements(db, COUNT_NEW_LINES, { tails: rows.tails, counted }),
    ...looseStatements(db, loose),
    ...(tails.length === 0 ? [] : [db.prepare(MOVE_POSITIONS).bind(JSON.stringify(rows.tails))]),
    db.prepare(READ_POSITIONS).bind(fenceJson),
  ];
  const read = (await db.batch<PositionRow>(statements)).at(-1)?.results ?? [];
  return read.map((row) => ({ ...row, frozen: row.frozen === 1 }));
}
