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
