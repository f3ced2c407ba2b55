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
