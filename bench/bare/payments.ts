import { createStopwatch } from "../stopwatch.ts";
import { Subject } from "./subject.ts";

/**
 * The calls that the gateway makes for a batch of payments, and nothing that decides: the same
 * queries of who waits, of names, positions, plans, periods and ways up, of these two once more at the
 * end, a call an order and a call a distributor, one D1 batch of as many statements and rows.
 */
interface Env {
  readonly EVENTS_0: Queue;
  readonly MIRROR_0: D1Database;
  readonly ARCHIVE_0: R2Bucket;
  readonly DISTRIBUTOR: DurableObjectNamespace<Distributor>;
  readonly ORDER: DurableObjectNamespace<Order>;
}

interface Body {
  readonly order: string;
  readonly buyer: string;
  readonly paid: readonly string[];
  readonly path: readonly string[];
  readonly message: unknown;
}

const TENANT = "acme";
const SHA = "0".repeat(64);
/** As long as the gateway's own texts of a sale with six lines, thirty deep. */
const ORDER_ENTRY = "e".repeat(6400);
const ORDER_VIEW = "v".repeat(2350);
const LINE_ENTRY = "e".repeat(600);
const LINE_STATE = "s".repeat(350);
const VIEW = "v".repeat(100);

export class Order extends Subject<Env> {}
export class Distributor extends Subject<Env> {}

const field = (name: string) => `r.value ->> '${name}'`;
const fields = (...names: string[]) => names.map(field).join(", ");
const FROM = "FROM json_each(?1) r WHERE true";

const READ_POSITIONS = `SELECT p.* FROM json_each(?1) r LEFT JOIN subjects p
  ON p.tenant = ${field("t")} AND p.subject = ${field("s")}`;
const PLANS = "SELECT * FROM plans WHERE tenant = ?";
const CLOSED = "SELECT id FROM records WHERE tenant = ? AND kind = 'period'";
/**
 * Everybody above, with what stands of each: one tree, and no instant that it is read as of. The
 * plus keeps the planner off the index of parents, where a step would read the whole company.
 */
const WAYS = `WITH RECURSIVE way (ask, tenant, node, depth) AS (
    SELECT key, value ->> 't', value ->> 's', 0 FROM json_each(?1)
    UNION ALL
    SELECT w.ask, w.tenant, e.parent_id, w.depth + 1 FROM way w CROSS JOIN edges e
      ON e.tenant = w.tenant AND e.tree = 'sponsor' AND e.node = w.node
    WHERE +e.parent_id IS NOT NULL)
  SELECT w.ask, w.node, s.kind, s.value FROM way w CROSS JOIN standings s
    ON s.tenant = w.tenant AND s.distributor_id = w.node ORDER BY w.ask, w.depth`;
const WAITING = `SELECT h.* FROM json_each(?1) r CROSS JOIN held h
  ON h.tenant = ${field("t")} AND h.needs = ${field("alias")}`;
const KNOWN = `SELECT a.* FROM json_each(?1) r CROSS JOIN aliases a
  ON a.tenant = ${field("t")} AND a.alias = ${field("alias")}`;

const LIMBS = [0, 1, 2, 3, 4, 5, 6, 7];

const EVENTS = `INSERT INTO events (tenant, event_id, source, sender_id, type, subject, outcome,
    position, delivery_id, archive, occurred_ms, received_ms, recorded_ms, repeated)
  SELECT ${fields("t", "event_id", "source", "event_id", "type", "s", "outcome", "p", "event_id", "event_id", "ms", "ms", "ms")}, 0 ${FROM}`;
const TRANSFERS = `INSERT INTO transfers (tenant, subject, position, n, rule, debit, credit, amount_minor,
    currency, reference, event_id, effective_ms, recorded_ms)
  SELECT ${fields("t", "s", "p", "n", "rule", "debit", "credit", "amount", "currency", "event_id", "event_id", "ms", "ms")} ${FROM}`;
const DAYS = `INSERT INTO account_days SELECT ${fields("t", "account", "currency", "day", "day")}, SUM(${field("amount")})
  ${FROM} GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor`;
const LINES = `INSERT INTO lines (tenant, distributor_id, line_id, order_id, component, level, depth,
    rate_ppm, amount_minor, reversed_minor, currency, state, period_id, effective_ms, origin)
  SELECT ${fields("t", "d", "key", "order", "component", "n", "n", "amount", "amount")}, 0,
    ${fields("currency", "state", "period", "ms", "origin")} ${FROM}`;
const ORDERS = `INSERT INTO orders (tenant, order_id, state, payment_id, source_node, order_kind, currency,
    net_minor, tax_minor, shipping_minor, amount_minor, fee_minor, returned_minor, cv_x100, pv_x100,
    paid_ms, period_id, lines, manifest)
  SELECT ${fields("t", "order", "state", "event_id", "d", "kind", "currency", "amount", "amount", "amount", "amount", "amount", "amount", "amount", "amount", "ms", "period", "n", "manifest")} ${FROM}`;
const VOLUMES = `INSERT INTO volumes SELECT ${fields("t", "d", "period")}, 0, 0, SUM(${field("amount")})
  ${FROM} GROUP BY 1, 2, 3 ON CONFLICT DO UPDATE SET gv_x100 = gv_x100 + excluded.gv_x100`;
const ALIASES = `INSERT INTO aliases SELECT ${fields("t", "alias", "s")} ${FROM} ON CONFLICT DO NOTHING`;
const MESSAGES = `INSERT INTO messages SELECT ${fields("t", "alias", "kind", "s", "manifest", "ms")} ${FROM}
  ON CONFLICT DO NOTHING`;
const MOVE = `INSERT OR REPLACE INTO subjects (tenant, subject, position, head, view_position, as_of_ms, view)
  SELECT ${fields("t", "s", "p", "head", "p", "ms", "view")} ${FROM}`;
/** Count, sum and eight limbs of each transfer, an hour and shard together. */
const DIGESTS = `INSERT INTO digests SELECT ${fields("t", "kind", "hour", "shard", "currency")}, count(*),
    SUM(${field("amount")}), ${LIMBS.map((i) => `SUM(r.value ->> '$.x[${i}]')`).join(", ")}
  ${FROM} GROUP BY 1, 2, 3, 4, 5 ON CONFLICT DO UPDATE SET items = items + excluded.items,
    amount_minor = amount_minor + excluded.amount_minor,
    ${LIMBS.map((i) => `s${i} = s${i} + excluded.s${i}`).join(", ")}`;
/** Four of the gateway's statements find nothing to write: ids and aliases used again, rows held. */
const NOTHING =
  "DELETE FROM held WHERE (tenant, event_id) IN (SELECT 1, 2 FROM json_each(?1) WHERE false)";

const MONEY = { currency: "USD", day: "2026-11-22", period: "2026-11", amount: 400 };

const SALE = {
  t: TENANT,
  p: 1,
  source: "core",
  outcome: "applied",
  type: "payment.confirmed",
  state: "paid",
  kind: "store",
  manifest: VIEW,
};
const LINE = { component: "level", state: "pending", origin: "gateway" };

interface Tail {
  readonly s: string;
  readonly p: number;
  readonly view: string;
}

const stopwatch = createStopwatch();

async function consume(bodies: readonly Body[], env: Env): Promise<void> {
  const text = bodies.map(({ message }) => `${JSON.stringify(message)}\n`).join("");
  await env.ARCHIVE_0.put(`raw/${crypto.randomUUID()}.ndjson`, text);

  const { MIRROR_0: database } = env;
  const ask = (sql: string, value: unknown) => database.prepare(sql).bind(value).all();
  const named = (subjects: readonly string[]) =>
    JSON.stringify(subjects.map((s) => ({ t: TENANT, s })));
  const buyers = named(bodies.map(({ buyer }) => buyer));
  const aliases = JSON.stringify(
    bodies.map(({ order }) => ({ t: TENANT, alias: `payment:${order}` })),
  );
  await ask(WAITING, aliases);
  await ask(KNOWN, aliases);
  await Promise.all([ask(PLANS, TENANT), ask(CLOSED, TENANT), ask(WAYS, buyers)]);

  await ask(READ_POSITIONS, named(bodies.map(({ order }) => `order:${order}`)));
  const orders = await Promise.all(bodies.map((body) => insertOrder(body, env)));

  const lines = bodies.flatMap((body) => linesOf(body));
  const receivers = [...Map.groupBy(lines, ({ d }) => d)];
  await ask(READ_POSITIONS, named(receivers.map(([d]) => `dist:${d}`)));
  const told = await Promise.all(receivers.map(([d, own]) => insertLines(d, own, env)));

  await project({ bodies, lines, orders, told }, database);
  await ask(WAITING, aliases);
  await Promise.all([ask(WAYS, buyers), ask(PLANS, TENANT)]);
}

async function insertOrder({ order }: Body, { ORDER }: Env): Promise<Tail> {
  const row = { key: `payment:${order}`, entry: ORDER_ENTRY, state: "", view: ORDER_VIEW };
  const p = await ORDER.getByName(`${TENANT}/${order}`).insert([{ ...row, id: order }]);
  return { s: `order:${order}`, p, view: ORDER_VIEW };
}

interface Line {
  readonly d: string;
  readonly order: string;
  readonly n: number;
  readonly key: string;
}

const linesOf = ({ order, paid }: Body): readonly Line[] =>
  paid.map((d, i) => ({ d, order, n: i + 1, key: `${order}:level:${i + 1}:${d}` }));

async function insertLines(d: string, own: readonly Line[], env: Env): Promise<Tail> {
  const rows = own.map(({ key }) => ({ key, entry: LINE_ENTRY, state: LINE_STATE, view: VIEW }));
  const p = await env.DISTRIBUTOR.getByName(`${TENANT}/${d}`).insert(rows);
  return { s: `dist:${d}`, p, view: VIEW };
}

interface Done {
  readonly bodies: readonly Body[];
  readonly lines: readonly Line[];
  readonly orders: readonly Tail[];
  readonly told: readonly Tail[];
}

const digested = (transfer: object, i: number): object => {
  const x = LIMBS.map((limb) => 1e9 + limb);
  return { ...transfer, kind: "transfer", hour: 3_600_000, shard: i % 64, x };
};

async function project({ bodies, lines, orders, told }: Done, database: D1Database) {
  const ms = Date.now();
  const sales = bodies.map(({ order, buyer, paid }) => ({
    ...SALE,
    ...MONEY,
    s: `order:${order}`,
    event_id: `evt_01890000-0000-7000-8000-${order}`,
    d: buyer,
    order,
    n: paid.length,
    ms,
    alias: `payment:${order}`,
  }));
  const places = new Map(told.map(({ s, p }) => [s, p]));
  const earned = lines.toReversed().map((line) => {
    const s = `dist:${line.d}`;
    const p = places.get(s) ?? 0;
    places.set(s, p - 1);
    return { t: TENANT, s, p, event_id: line.key, ...line, ...LINE, ms, ...MONEY };
  });
  const transfers = [
    ...sales.flatMap((sale) =>
      ["rev:product", "tax:sales", "rev:shipping", "exp:psp_fee"].map((credit, n) => ({
        ...sale,
        n,
        rule: "P1",
        debit: "cash:psp",
        credit,
      })),
    ),
    ...earned.map((line) => {
      const credit = `dist:${line.d}:pending`;
      return { ...line, n: 0, rule: "PL", debit: "exp:commission", credit };
    }),
  ];
  const days = transfers.flatMap(({ debit, credit, t, currency, day, amount }) => [
    { t, currency, day, account: debit, amount },
    { t, currency, day, account: credit, amount: -amount },
  ]);
  const volumes = bodies.flatMap(({ buyer, path }) =>
    [buyer, ...path].map((d) => ({ t: TENANT, d, ...MONEY })),
  );
  const moved = [...orders, ...told].map((tail) => ({ t: TENANT, head: SHA, ms, ...tail }));
  const statement = (sql: string, rows: readonly object[]) =>
    database.prepare(sql).bind(JSON.stringify(rows));
  await database.batch([
    statement(EVENTS, sales),
    ...[NOTHING, NOTHING, NOTHING, NOTHING].map((sql) => statement(sql, sales)),
    statement(TRANSFERS, transfers),
    statement(DAYS, days),
    statement(DIGESTS, transfers.map(digested)),
    statement(LINES, earned),
    statement(ORDERS, sales),
    statement(VOLUMES, volumes),
    statement(ALIASES, sales),
    statement(MESSAGES, sales),
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
