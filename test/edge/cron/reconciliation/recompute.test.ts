import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { balancePorts } from "#src/compose/balances.ts";
import { balanceRows, comparableOf } from "#src/core/reconciliation/balances.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, lineOf } from "../../support/line.ts";

const db = env.MIRROR_0;

test("a distributor's balances are made anew from the object, and nobody else's", async () => {
  const line = await lineOf("B");
  const { tenant } = line.company;
  await line.enrol("C");
  await line.post(...w2("B").slice(0, 3), ...w2("C").slice(0, 3));
  await line.drain();
  const ports = balancePorts(line.parts, shardAt(line.parts.shards, 0));
  const available = async () => {
    const part = { after: undefined, upTo: undefined, limit: 10 };
    const found = await ports.balancesAfter(tenant, part);
    return found.flatMap((one) => balanceRows(one.distributor_id, comparableOf(one, true)));
  };
  const right = await available();
  expect(right).toEqual(["B|available|USD|12500", "C|available|USD|12500"]);
  await db
    .prepare(
      `UPDATE subjects SET view = json_set(view, '$.balances."dist:' || substr(subject, 6) || ':available".USD', '-1')
       WHERE tenant = ?`,
    )
    .bind(tenant)
    .run();
  expect(await available()).toEqual(["B|available|USD|1", "C|available|USD|1"]);
  await ports.recompute(tenant, "B");
  expect(await available()).toEqual(["B|available|USD|12500", "C|available|USD|1"]);
  // Somebody of whom the mirror has nothing: nothing to make.
  await ports.recompute(tenant, "nobody");
  await ports.recompute(tenant, "C");
  expect(await available()).toEqual(right);
  await expectMirrorEqualsObjects(tenant);
});
