import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { breakReads } from "#src/edge/d1/reads/breaks.ts";
import { eventReads } from "#src/edge/d1/reads/events.ts";
import { ledgerReads } from "#src/edge/d1/reads/ledger.ts";
import { lineReads } from "#src/edge/d1/reads/lines.ts";
import { statusReads } from "#src/edge/d1/reads/statuses.ts";
import { entry, logged, posted, readRig, type Rig } from "./rig.ts";

/** Rows of each kind that stand around those asked for. */
const OTHERS = 300;

let rig: Rig;

beforeAll(async () => {
  rig = await readRig();
  const count = { frontline: [{ distributor_id: "d1", by: 1 }] };
  const many = Array.from({ length: OTHERS }, (_, i) => ({
    ...posted("d1", `L${i}`, 1, { order_id: `o${i}` }),
    event: logged({ event_id: `evt_${1000 + i}`, id: `e${i}` }),
  }));
  await rig.mirror("dist:d1", many);
  for (const other of ["dist:d0", "dist:d2"]) await rig.mirror(other, [entry({ effects: count })]);
  const volumes = Array.from({ length: OTHERS }, (_, i) => ({
    period_id: i === 0 ? "2026-07" : `p${i}`,
    distributor_id: "d1",
    pv_x100: 1,
    cv_x100: 1,
    gv_x100: 1,
  }));
  await rig.mirror("order:o1", [entry({ effects: { volumes } })]);
  const breaks = Array.from({ length: OTHERS }, (_, i) => ({
    break_id: `b${1000 + i}`,
    class: "BACKDATED",
    reference: "r",
    detail: "d",
  }));
  await rig.mirror("dist:d2", [entry({ effects: { breaks } })]);
});

/** How many statements a read made, and how many rows D1 read for them. */
async function costOf(read: (mirrorOf: () => D1Database) => Promise<unknown>) {
  const cost = { queries: 0, rows: 0 };
  const counted = (statement: D1PreparedStatement) => ({
    bind: (...values: unknown[]) => ({
      all: async () => {
        const result = await statement.bind(...values).all();
        cost.queries += 1;
        cost.rows += result.meta.rows_read;
        return result;
      },
    }),
  });
  const withSession = () => {
    const session = env.MIRROR_0.withSession();
    const prepare = (sql: string) => counted(session.prepare(sql));
    return { prepare, getBookmark: () => session.getBookmark() };
  };
  // A read opens a session and does nothing else with its database.
  const d1 = new Proxy(env.MIRROR_0, { get: () => withSession });
  await read(() => d1);
  return cost;
}

const reader = () => ({ tenant: rig.tenant, shard: 0 });
type MirrorOf = () => D1Database;

test.each<{
  name: string;
  read: (db: MirrorOf) => Promise<unknown>;
  queries: number;
  rows: number;
}>([
  {
    name: "a status",
    read: (db) => statusReads(db).read(reader(), { distributorId: "d1", periodId: "2026-07" }),
    queries: 1,
    rows: 5,
  },
  {
    name: "a page of the ledger",
    read: (db) =>
      ledgerReads(db).transfers(reader(), "dist:d1", { limit: 10, after: { position: 150, n: 0 } }),
    queries: 1,
    rows: 11,
  },
  {
    name: "balances below a prefix",
    read: (db) => ledgerReads(db).balances(reader(), "dist:d1:", { limit: 10 }),
    queries: 1,
    rows: 4,
  },
  {
    name: "a page of lines",
    read: (db) =>
      lineReads(db).ofDistributor(reader(), { distributorId: "d1" }, { limit: 10, after: "L15" }),
    queries: 1,
    rows: 11,
  },
  {
    name: "a distributor's lines of an order",
    read: (db) =>
      lineReads(db).ofDistributor(reader(), { distributorId: "d1", orderId: "o7" }, { limit: 10 }),
    queries: 1,
    rows: 4,
  },
  {
    name: "lines of an order",
    read: (db) => lineReads(db).ofOrder(reader(), "o7", { limit: 10 }),
    queries: 1,
    rows: 4,
  },
  {
    name: "an event by the sender's id",
    read: (db) => eventReads(db).named(reader(), { source: "core", id: "e7" }, { limit: 10 }),
    queries: 1,
    rows: 4,
  },
  {
    name: "a page of events",
    read: (db) => eventReads(db).search(reader(), {}, { limit: 10, after: "evt_1200" }),
    queries: 1,
    rows: 25,
  },
  {
    name: "one event with its effects",
    read: (db) => eventReads(db).one(reader(), "evt_1007"),
    queries: 2,
    rows: 4,
  },
  {
    name: "a page of breaks",
    read: (db) => breakReads(db).list(reader(), {}, { limit: 10, after: "b1100" }),
    queries: 1,
    rows: 11,
  },
])("$name costs at most $rows rows", async ({ read, queries, rows }) => {
  const cost = await costOf(read);
  expect(cost.queries).toBe(queries);
  expect(cost.rows).toBeGreaterThan(0);
  expect(cost.rows).toBeLessThanOrEqual(rows);
});
