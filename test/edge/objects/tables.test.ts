import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Kept } from "#src/core/subject/state.ts";
import { turnKey } from "#src/core/subject/turn.ts";
import { SqlStore } from "#src/edge/objects/sql-store.ts";
import { statementOf } from "#src/edge/objects/statements.ts";
import { prepareTables } from "#src/edge/objects/tables.ts";
import { arrive } from "../../core/support/events.ts";

const STREAM = { source: "core/2", epoch: 1 };

const kept = (id: string, given: Partial<Kept>): Kept => ({
  arrival: arrive("commission.released", { id, seq: 7, ...STREAM }),
  outcome: "quarantined",
  ...given,
});

const KEPT: readonly Kept[] = [
  kept("overflow", { code: "gap_overflow", needs: turnKey(STREAM, 7) }),
  kept("other", { code: "seq_taken", outcome: "conflict" }),
  kept("reused", { code: "id_reused", outcome: "conflict" }),
  kept("took it", { code: "line_unknown", needs: "line:L1" }),
  { arrival: arrive("order.placed"), outcome: "parked", code: "waits", needs: "node:B" },
];

test("an event that was kept before turns were written down is found by its turn", async () => {
  const stub = env.DISTRIBUTOR.getByName(crypto.randomUUID());
  const found = await runInDurableObject(stub, (_object, { storage }) => {
    prepareTables(storage);
    const { sql } = storage;
    for (const each of KEPT) {
      const [query, ...bindings] = statementOf({ put: "kept", kept: each });
      sql.exec(query, ...bindings);
    }
    const store = new SqlStore(storage);
    const look = () => store.keptAt(turnKey(STREAM, 7))?.arrival.event.id;
    const now = look();
    sql.exec("DROP INDEX kept_turn; ALTER TABLE kept DROP COLUMN turn;");
    sql.exec("DELETE FROM steps WHERE step = 1");
    prepareTables(storage);
    const plan = sql
      .exec<{ detail: string }>("EXPLAIN QUERY PLAN SELECT kept FROM kept WHERE turn = ?", "")
      .one().detail;
    return { now, before: look(), other: store.keptAt(turnKey(STREAM, 70)), plan };
  });
  expect(found).toMatchObject({ now: "took it", before: "took it", other: undefined });
  expect(found.plan).toContain("kept_turn");
});

test.each(["UPDATE log SET entry = '{}'", "DELETE FROM log", "DELETE FROM log WHERE position = 2"])(
  "an object's log refuses %s",
  async (change) => {
    const stub = env.DISTRIBUTOR.getByName(crypto.randomUUID());
    const refused = await runInDurableObject(stub, (_object, { storage }) => {
      prepareTables(storage);
      const { sql } = storage;
      sql.exec("INSERT INTO log VALUES (1, 'h1', '{}'), (2, 'h2', '[]')");
      try {
        sql.exec(change);
        return "nothing";
      } catch (error) {
        return [String(error), sql.exec("SELECT * FROM log").toArray()];
      }
    });
    expect(refused).toEqual([
      expect.stringContaining("The log is append-only"),
      [
        { position: 1, hash: "h1", entry: "{}" },
        { position: 2, hash: "h2", entry: "[]" },
      ],
    ]);
  },
);

test("the mirror's transfers can be neither changed nor deleted, and hold no float", async () => {
  const { MIRROR_0: db } = env;
  const tenant = crypto.randomUUID();
  const insert =
    db.prepare(`INSERT INTO transfers (tenant, subject, position, n, rule, debit, credit,
      amount_minor, currency, reference, event_id, effective_ms, recorded_ms)
    VALUES (?1, 'dist:B', ?2, 0, 'P3', 'exp:commission', 'dist:B:held', ?3, 'USD', 'L1', 'e', 1, 1)`);
  await insert.bind(tenant, 1, 400).run();
  const where = "WHERE tenant = ?1 AND subject = 'dist:B'";
  const run = (sql: string) => db.prepare(`${sql} ${where}`).bind(tenant).run();
  await expect(run("UPDATE transfers SET amount_minor = 401")).rejects.toThrow(/never changed/);
  await expect(run("DELETE FROM transfers")).rejects.toThrow(/never deleted/);
  await expect(insert.bind(tenant, 2, 0.5).run()).rejects.toThrow(/cannot store REAL/);
  const { results } = await db
    .prepare(`SELECT amount_minor FROM transfers ${where}`)
    .bind(tenant)
    .all();
  expect(results).toEqual([{ amount_minor: 400 }]);
});
