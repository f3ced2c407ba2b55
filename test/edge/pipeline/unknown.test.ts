import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { enrolment, w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";

/** What the API says is held: oldest first. */
const heldOf = async ({ company: { api, tenant } }: Line) => {
  const response = await api(`GET /v1/tenants/${tenant}/held`);
  return (await response.json<{ items: Record<string, unknown>[] }>()).items;
};

const balancesOf = async ({ company }: Line) => {
  const { results } = await env.MIRROR_0.prepare(
    "SELECT account, SUM(amount_minor) AS amount FROM account_days WHERE tenant = ? GROUP BY 1 HAVING amount <> 0 ORDER BY 1",
  )
    .bind(company.tenant)
    .all();
  return results;
};

const W2 = [
  { account: "cash:bank", amount: -12_350 },
  { account: "exp:commission", amount: 12_500 },
  { account: "rev:payout_fee", amount: -150 },
];

const outcomes = (outcome: string) => Object.fromEntries(w2("B").map(({ id }) => [id, outcome]));

test("money for somebody whom nobody enrolled is held, and applied in its order once he is", async () => {
  const line = await layLine();
  const { tenant } = line.company;
  await line.post(...w2("B"));
  await line.drain();
  expect(await outcomesOf(tenant)).toEqual(outcomes("parked"));
  expect(await heldOf(line)).toMatchObject(
    w2("B").map(() => ({
      state: "parked",
      code: "distributor_unknown",
      key: "dist:B",
      reason: 'Nobody is enrolled as "B": applied by itself, in its order, once somebody is',
    })),
  );
  expect(await balancesOf(line)).toEqual([]);
  await expectMirrorEqualsObjects(tenant);

  await line.enrol("B");
  expect(await outcomesOf(tenant)).toEqual(outcomes("applied"));
  expect(await heldOf(line)).toEqual([]);
  expect(await balancesOf(line)).toEqual(W2);
  await expectMirrorEqualsObjects(tenant);
});

test.each([
  { name: "behind it", place: 5 },
  { name: "amid it", place: 3 },
])("an enrolment in one delivery with what is held, $name, frees it at once", async ({ place }) => {
  const line = await layLine();
  const { tenant } = line.company;
  const events: object[] = w2("B").toReversed();
  await line.post(events.toSpliced(place, 0, enrolment("B")));
  await line.drain();
  expect(await outcomesOf(tenant)).toEqual(outcomes("applied"));
  expect(await heldOf(line)).toEqual([]);
  expect(await balancesOf(line)).toEqual(W2);
  const breaks = env.MIRROR_0.prepare("SELECT class FROM breaks WHERE tenant = ?").bind(tenant);
  expect((await breaks.all()).results).toEqual([]);
  await expectMirrorEqualsObjects(tenant);
});

test("what is held comes again without effect, and the consumer may die over it", async () => {
  const line = await layLine();
  const { tenant } = line.company;
  await line.post(...w2("B"), ...w2("B"));
  await line.run(() => ({ mirror: () => Promise.reject(new Error("The consumer dies")) }));
  await line.drain();
  expect(await outcomesOf(tenant)).toEqual(outcomes("parked"));
  await line.post(enrolment("B"));
  await line.run(() => ({ mirror: () => Promise.reject(new Error("The consumer dies")) }));
  await line.drain();
  expect(await balancesOf(line)).toEqual(W2);
  expect(await heldOf(line)).toEqual([]);
  await expectMirrorEqualsObjects(tenant);
});

test("a held stream asks the core for nothing, and an alarm releases nothing of it", async () => {
  const line = await layLine();
  const { tenant } = line.company;
  const [first, second, third] = w2("B");
  await line.post(second ?? {}, first ?? {}, third ?? {});
  await line.drain();
  // One was set for the gap before the first: it finds nothing to tell of, and nothing to release.
  const stub = env.DISTRIBUTOR.getByName(`${tenant}/B`);
  await runDurableObjectAlarm(stub);
  expect(await runDurableObjectAlarm(stub)).toBe(false);
  expect(await outcomesOf(tenant)).toEqual({
    "B-1": "parked",
    "B-2": "buffered",
    "B-3": "parked",
  });
  await line.enrol("B");
  expect(new Set(Object.values(await outcomesOf(tenant)))).toEqual(new Set(["applied"]));
  await expectMirrorEqualsObjects(tenant);
});

test("a held event can neither be retried nor discarded", async () => {
  const line = await layLine();
  const { api, tenant } = line.company;
  await line.post(w2("B")[0] ?? {});
  await line.drain();
  const [held] = await heldOf(line);
  for (const act of ["retry", "discard"]) {
    const response = await api(`POST /v1/tenants/${tenant}/held/${String(held?.["id"])}/${act}`);
    expect([act, response.status]).toEqual([act, 409]);
  }
  expect(await heldOf(line)).toHaveLength(1);
});
