import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, lineOf, outcomesOf } from "../support/line.ts";

test("an event that its object cannot store takes no other of the same call with it", async () => {
  const line = await lineOf("B");
  const { tenant } = line.company;
  const [first, second, third] = w2("B");
  const poison = {
    ...w2("B")[2],
    id: "B-poison",
    seq: 4,
    data: { ...w2("B")[2]?.data, line_id: "POISON" },
  };
  await line.post(first ?? {});
  await line.run();
  const stub = env.DISTRIBUTOR.getByName(`${tenant}/B`);
  const trigger = (sql: string) =>
    runInDurableObject(stub, (_: SubjectObject, { storage }) => void storage.sql.exec(sql));
  await trigger(
    "CREATE TRIGGER poison BEFORE INSERT ON facts WHEN NEW.key = 'line:POISON' BEGIN SELECT RAISE(ABORT, 'poison'); END",
  );
  await line.post([second ?? {}, third ?? {}, poison]);
  await line.run();
  expect(await outcomesOf(tenant)).toEqual({
    "B-1": "applied",
    "B-2": "applied",
    "B-3": "applied",
  });
  expect(line.queued.map(({ body }) => body)).toMatchObject([{ only: [2] }]);
  await expectMirrorEqualsObjects(tenant);

  await trigger("DROP TRIGGER poison");
  await line.drain();
  expect(await outcomesOf(tenant)).toMatchObject({ "B-poison": "applied" });
  await expectMirrorEqualsObjects(tenant);
});

test("a buffered event that its object cannot store waits; what released it stands", async () => {
  const line = await lineOf("B");
  const { tenant } = line.company;
  const [first, second, third] = w2("B");
  await line.post(second ?? {}, third ?? {});
  await line.run();
  const stub = env.DISTRIBUTOR.getByName(`${tenant}/B`);
  const trigger = (sql: string) =>
    runInDurableObject(stub, (_: SubjectObject, { storage }) => void storage.sql.exec(sql));
  await trigger(
    "CREATE TRIGGER poison BEFORE INSERT ON facts WHEN NEW.key = 'line:B-A1' BEGIN SELECT RAISE(ABORT, 'poison'); END",
  );
  await line.post(first ?? {});
  await line.run();
  expect(await outcomesOf(tenant)).toEqual({
    "B-1": "applied",
    "B-2": "applied",
    "B-3": "buffered",
  });
  await expectMirrorEqualsObjects(tenant);
  await trigger("DROP TRIGGER poison");
  // Whatever comes next sets it free.
  await line.post(w2("B")[3] ?? {});
  await line.drain();
  expect(await outcomesOf(tenant)).toMatchObject({ "B-3": "applied", "B-4": "applied" });
  await expectMirrorEqualsObjects(tenant);
});

test("a total that has no room left stands still, and stops nothing", async () => {
  const line = await lineOf("B", "C");
  const { tenant } = line.company;
  await line.post(w2("B")[0] ?? {});
  await line.run();
  for (const table of ["account_days", "digests"]) {
    await env.MIRROR_0.prepare(
      `UPDATE ${table} SET amount_minor =
        iif(amount_minor > 0, 9223372036854775807, -9223372036854775807 - 1) WHERE tenant = ?`,
    )
      .bind(tenant)
      .run();
  }
  await line.post(w2("C")[0] ?? {}, w2("C")[1] ?? {});
  await line.run();
  expect(await outcomesOf(tenant)).toMatchObject({ "C-1": "applied", "C-2": "applied" });
  expect(line.queued).toEqual([]);
  const days = await env.MIRROR_0.prepare(
    `SELECT account, CAST(amount_minor AS TEXT) AS amount FROM account_days
      WHERE tenant = ? AND day = '2026-07-01' ORDER BY account`,
  )
    .bind(tenant)
    .all();
  expect(days.results).toEqual([
    { account: "dist:B:held", amount: "-9223372036854775808" },
    { account: "dist:C:held", amount: "-400" },
    { account: "exp:commission", amount: "9223372036854775807" },
  ]);
});
