import { DurableObject } from "cloudflare:workers";
import { createStopwatch } from "../stopwatch.ts";

/**
 * The calls that the gateway makes for a batch of commission.posted, and nothing that decides:
 * one put, one query of positions, one call an object, one D1 batch of as many statements and rows.
 */
interface Env {
  readonly EVENTS_0: Queue;
  readonly MIRROR_0: D1Database;
  readonly ARCHIVE_0: R2Bucket;
  readonly DISTRIBUTOR: DurableObjectNamespace<Distributor>;
}

interface Body {
  readonly distributor: string;
  readonly n: number;
  readonly message: unknown;
}

/** As long as an entry of the gateway's log. */
const ENTRY = "e".repeat(1100);
const VIEW = "v".repeat(450);
const SHA = "0".repeat(64);
const TENANT = "bare";

const TABLES = [
  "CREATE TABLE IF NOT EXISTS log (position INTEGER PRIMARY KEY, hash TEXT, entry TEXT) STRICT",
  `CREATE TABLE IF NOT EXISTS seen (source TEXT, id TEXT, payload TEXT, event_id TEXT, position INTEGER,
     outcome TEXT, PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, essence TEXT, event_id TEXT, state TEXT)
     STRICT, WITHOUT ROWID`,
  "CREATE TABLE IF NOT EXISTS streams (source TEXT PRIMARY KEY, next INTEGER) STRICT, WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS own (name TEXT PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID",
];

export class Distributor extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    for (const table of TABLES) ctx.storage.sql.exec(table);
  }

  /** Five rows an event, as many as the gateway's object writes. */
  insert(events: readonly { readonly n: number; readonly text: string }[]): number {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      for (const { n, text } of events) {
        const id = `evt_01890000-0000-7000-8000-${n}`;
        sql.exec("INSERT INTO log VALUES (?, ?, ?)", n, SHA, text);
        sql.exec("INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)", "core", id, SHA, id, n, "applied");
        sql.exec("INSERT INTO facts VALUES (?, ?, ?, ?)", `line:${n}`, SHA, id, SHA);
        sql.exec("INSERT OR REPLACE INTO streams VALUES (?, ?)", "core", n);
        sql.exec("INSERT OR REPLACE INTO own VALUES (?, ?)", "view", VIEW);
      }
    });
    return events.length;
  }
}

const field = (name: string) => `r.value ->> '${name}'`;
const fields = (...names: string[]) => names.map(field).join(", ");
const FROM = "FROM json_each(?1) r WHERE true";

const READ_POSITIONS = `SELECT p.* FROM json_each(?1) r LEFT JOIN subjects p
  ON p.tenant = ${field("t")} AND p.subject = ${field("s")}`;
const EVENTS = `INSERT INTO events (tenant, event_id, source, sender_id, type, subject, outcome,
    position, delivery_id, archive, occurred_ms, received_ms, recorded_ms, repeated)
  SELECT ${fields("t", "event_id", "source", "event_id", "type", "s", "outcome", "p", "delivery_id", "archive", "ms", "ms", "ms")}, 0 ${FROM}`;
const TRANSFERS = `INSERT INTO transfers (tenant, subject, position, n, rule, debit, credit, amount_minor,
    currency, reference, event_id, effective_ms, recorded_ms)
  SELECT ${fields("t", "s", "p", "n", "rule", "debit", "credit", "amount", "currency", "event_id", "event_id", "ms", "ms")} ${FROM}`;
const DAYS = `INSERT INTO account_days SELECT ${fields("t", "account", "currency", "day", "day")}, SUM(${field("amount")})
  ${FROM} GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor`;
const LINES = `INSERT INTO lines (tenant, distributor_id, line_id, order_id, component, level, depth,
    rate_ppm, amount_minor, reversed_minor, currency, state, period_id, effective_ms)
  SELECT ${fields("t", "s", "event_id", "event_id", "component", "n", "n", "n", "amount", "n", "currency", "outcome", "day", "ms")} ${FROM}`;
const MOVE = `INSERT OR REPLACE INTO subjects (tenant, subject, position, head, view_position, as_of_ms, view)
  SELECT ${fields("t", "s", "p", "head", "p", "ms", "view")} ${FROM}`;
/** Three of the gateway's statements find nothing to write: held rows to release, ids used again. */
const NOTHING =
  "DELETE FROM held WHERE (tenant, event_id) IN (SELECT 1, 2 FROM json_each(?1) WHERE false)";

const stopwatch = createStopwatch();

async function consume(bodies: readonly Body[], env: Env): Promise<void> {
  const text = bodies.map(({ message }) => `${JSON.stringify(message)}\n`).join("");
  await env.ARCHIVE_0.put(`raw/${crypto.randomUUID()}.ndjson`, text);

  const groups = [...Map.groupBy(bodies, ({ distributor }) => distributor)];
  const subjects = JSON.stringify(groups.map(([s]) => ({ t: TENANT, s })));
  const database = env.MIRROR_0;
  await database.prepare(READ_POSITIONS).bind(subjects).all();
  await Promise.all(
    groups.map(([name, group]) =>
      env.DISTRIBUTOR.getByName(name).insert(group.map(({ n }) => ({ n, text: ENTRY }))),
    ),
  );
  await project(
    bodies,
    groups.map(([s, group]) => ({ s, p: group.at(-1)?.n ?? 0 })),
    env,
  );
}

async function project(
  bodies: readonly Body[],
  tails: readonly { readonly s: string; readonly p: number }[],
  { MIRROR_0: database }: Env,
): Promise<void> {
  const ms = Date.now();
  const money = { currency: "USD", day: "2026-11-22", amount: 400, component: "unilevel" };
  const rows = bodies.map(({ distributor: s, n: p }) => {
    const event_id = `evt_01890000-0000-7000-8000-${s}-${p}`;
    const event = { type: "commission.posted", source: "core", outcome: "applied", event_id, ms };
    const origin = { delivery_id: event_id, archive: event_id };
    const transfer = { n: 0, rule: "P1", debit: "exp:commission", credit: `dist:${s}:pending` };
    return { t: TENANT, s, p, ...event, ...origin, ...transfer, ...money };
  });
  const days = rows.flatMap((row) => [
    { ...row, account: row.debit },
    { ...row, account: row.credit },
  ]);
  const moved = JSON.stringify(
    tails.map((tail) => ({ t: TENANT, ...tail, head: SHA, view: VIEW, ms })),
  );
  const all = JSON.stringify(rows);
  const statement = (sql: string, json: string) => database.prepare(sql).bind(json);
  await database.batch([
    statement(EVENTS, all),
    ...[NOTHING, NOTHING, NOTHING].map((sql) => statement(sql, all)),
    statement(TRANSFERS, all),
    statement(DAYS, JSON.stringify(days)),
    statement(LINES, all),
    statement(MOVE, moved),
    statement(READ_POSITIONS, moved),
  ]);
}

export default {
  async fetch(request, env) {
    return (await stopwatch.answer(request, env.EVENTS_0)) ?? new Response(null, { status: 404 });
  },
  queue: (batch, env) =>
    stopwatch.time(batch.messages.length, async () => {
      await consume(
        batch.messages.map(({ body }) => body),
        env,
      );
      batch.ackAll();
    }),
} satisfies ExportedHandler<Env, Body>;
