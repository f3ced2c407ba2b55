import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { subjectsAfter } from "#src/edge/d1/reconciliation/subject-rows.ts";

const tenant = `t${crypto.randomUUID()}`;
const MANY = 1000;

/** Names of four digits sort as numbers do. */
const NUMBERED = `WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ${MANY - 1})`;

beforeAll(async () => {
  const subjects = (
    prefix: string,
  ) => `${NUMBERED} INSERT INTO subjects (tenant, subject, position, head)
    SELECT ?1, printf('${prefix}%04d', i), 1, 'h' FROM c`;
  const statements = [
    ...["dist:", "order:", "sku:"].map(subjects),
    `${NUMBERED} INSERT INTO anchors SELECT ?1, printf('order:%04d', i), '2026-07-01', 1, 'h' FROM c`,
    `${NUMBERED} INSERT INTO standings (tenant, distributor_id, kind, period_id, epoch, rev, effective_ms, value)
     SELECT ?1, printf('%04d', i), 'enrolment', '', 0, '1', 0, '{}' FROM c`,
    `${NUMBERED} INSERT INTO lines (tenant, distributor_id, line_id, component, amount_minor,
       reversed_minor, currency, state, effective_ms)
     SELECT ?1, printf('%04d', i), 'L', 'unilevel', 1, 0, 'USD', 'held', 0 FROM c`,
    `${NUMBERED} INSERT INTO records (tenant, kind, id, epoch, rev, occurred_ms, recorded_ms, value)
     SELECT ?1, 'inventory', printf('%04d', i), 0, '1', 0, 0, '{}' FROM c`,
    `${NUMBERED} INSERT INTO edges (tenant, tree, node, version, node_kind, effective_ms)
     SELECT ?1, 'sponsor', printf('%04d', i), 'e', 'distributor', 0 FROM c`,
  ];
  await env.MIRROR_0.batch(statements.map((sql) => env.MIRROR_0.prepare(sql).bind(tenant)));
});

/** D1 as it is, and how many rows it was billed. */
function counted() {
  const read = { rows: 0 };
  const db = new Proxy(env.MIRROR_0, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name);
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        for (const { meta } of results) read.rows += meta.rows_read;
        return results;
      };
    },
  });
  return { db, read };
}

describe("a page of subjects is read by keys, however many rows lie before and behind it", () => {
  test.each(["dist:0500", "order:0500", "sku:0500"])("behind %s", async (subject) => {
    const { db, read } = counted();
    const { items } = await subjectsAfter(db, { tenant, subject }, 5);
    const prefix = subject.slice(0, -1);
    expect(items).toEqual([1, 2, 3, 4, 5].map((n) => ({ tenant, subject: `${prefix}${n}` })));
    expect(read.rows).toBeLessThan(50);
  });

  test("and finds who stands between two of them", async () => {
    await env.MIRROR_0.prepare(
      "DELETE FROM subjects WHERE tenant = ?1 AND subject IN ('dist:0502', 'order:0502', 'sku:0502')",
    )
      .bind(tenant)
      .run();
    for (const prefix of ["dist:", "order:", "sku:"]) {
      const { db, read } = counted();
      const { items, next } = await subjectsAfter(db, { tenant, subject: `${prefix}0500` }, 2);
      const names = ["0501", "0503", "0502"].map((id) => ({ tenant, subject: `${prefix}${id}` }));
      expect(items).toEqual(names);
      expect(next).toEqual({ tenant, subject: `${prefix}0503` });
      expect(read.rows).toBeLessThan(50);
    }
  });
});
