import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openSource } from "../../scripts/verify/source.ts";
import { verifyTenant } from "../../scripts/verify/tenant.ts";
import { pick } from "../support/histories/pick.ts";
import { coreStream } from "../support/naive/told.ts";
import { WORKED, type Worked } from "../support/naive/worked.ts";
import { runs } from "../support/runs.ts";
import { SHOP } from "./support/arrivals.ts";
import { w7, W7_PERIODS } from "./support/binary.ts";
import {
  confirmedIn,
  expectBalances,
  expectMessages,
  expectPages,
  play,
  playsOf,
} from "./support/books.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { eventIn } from "./support/namespace.ts";
import { listOf, tell } from "./support/playing.ts";
import { REFUSALS } from "./support/refusals.ts";
import { openTenant, SOURCE, type TestTenant } from "./support/tenant.ts";

const TEST_MS_MAX = runs(60_000);
/** The cron releases what was held long enough, and the examples are of a July gone by. */
const HOLDBACK_DAYS = 3650;

const state = makeStateDir();
let gateway: LocalGateway;

beforeAll(async () => {
  gateway = await startLocal(state.stateDir);
});
afterAll(async () => {
  await gateway.stop();
  state.remove();
});

/** A tenant in the example's mode, with its plan. */
async function companyOf(name: string, { mode, plan }: Worked): Promise<TestTenant> {
  const tenant = await openTenant(gateway.client, name, mode, [SOURCE, SHOP]);
  const holdback_days = plan.holdback_days === 0 ? 0 : HOLDBACK_DAYS;
  const path = `/v1/tenants/${name}/plans/${plan.plan_id}`;
  await gateway.client.must(`PUT ${path}`, { ...plan, holdback_days });
  return tenant;
}

/** The last of the ways in which an example is told. */
function exampleOf(name: string): Worked {
  const worked = WORKED.findLast((each) => numberOf(each) === name);
  if (worked === undefined) throw new Error(`There is no ${name}`);
  return worked;
}

const numberOf = ({ name }: Worked): string => name.slice(0, name.indexOf(" "));

/** W5 is W4 in another order. */
const EXAMPLES = WORKED.filter((worked) => numberOf(worked) !== "W4");

/** Four of each example, shared among the ways in which it is told; in the long run 200 of each. */
function ordersFor(worked: Worked): number {
  const ways = EXAMPLES.filter((each) => numberOf(each) === numberOf(worked)).length;
  return runs(1) === 1 ? Math.ceil(4 / ways) : runs(10);
}

/** A payout that came before the line it pays out exceeded what was payable then. */
const mayBreak = (worked: Worked): readonly string[] =>
  numberOf(worked) === "W10" ? ["PAYOUT_ABOVE_AVAILABLE"] : [];

const breaksIn = async (tenant: TestTenant): Promise<readonly string[]> =>
  (await listOf(tenant, "breaks")).map((found) => String(found["class"]));

/** What `npm run verify` finds. */
async function verify({ name }: TestTenant): Promise<unknown> {
  const { url, adminToken: token } = gateway;
  const source = openSource({ url, tenant: name, token, fetch });
  return (await verifyTenant(source, { pauseMs: 200 })).findings;
}

/** Closes a period as the cron does, but without the minute it gives orders on their way. */
async function closePeriod(tenants: readonly TestTenant[], period: string): Promise<void> {
  const control = await gateway.miniflare.getD1Database("MIRROR_0");
  for (const { name } of tenants) {
    const run = { kind: "close", plan: "main", period };
    await gateway.client.must(`POST /v1/tenants/${name}/runs`, run);
    const earlier = "UPDATE runs SET started_ms = started_ms - 60000 WHERE tenant = ?";
    await control.prepare(earlier).bind(name).run();
  }
  const worker = await gateway.miniflare.getWorker();
  await vi.waitFor(
    async () => {
      await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
      for (const { get } of tenants) {
        expect(await get(`runs/close:main:${period}`)).toMatchObject({ state: "done" });
      }
    },
    { timeout: 60_000, interval: 100 },
  );
}

// Before the other tenants are there: every run of the cron looks at all of them.
test("W7 binary: the rest is carried into the next period, or lost", async () => {
  const both = [w7("carry_forward", [2000, 4000]), w7("flush", [2000, 1000])];
  const tenants = await Promise.all(
    both.map(([worked], nth) => companyOf(`binary-${nth}`, worked)),
  );
  for (const [nth, period] of W7_PERIODS.entries()) {
    const plays = both.map((periods) => playsOf(pick(periods, nth), runs(6)));
    await Promise.all(tenants.map((tenant, i) => play(tenant, pick(plays, i))));
    await closePeriod(tenants, period);
    await Promise.all(tenants.map((tenant, i) => expectBalances(tenant, pick(plays, i))));
  }
  for (const tenant of tenants) expect(await verify(tenant)).toEqual([]);
});

describe.each(EXAMPLES.map((worked, nth) => ({ worked, nth, name: worked.name })))(
  "$name",
  ({ worked, nth }) => {
    test("ends as DOMAIN says, whatever comes first", { timeout: TEST_MS_MAX }, async () => {
      const tenant = await companyOf(`worked-${nth}`, worked);
      const plays = playsOf(worked, ordersFor(worked));
      await play(tenant, plays);
      await expectBalances(tenant, plays);
      await expectPages(tenant, plays);
      await expectMessages(tenant, plays);
      expect(await tenant.get("held")).toEqual({ items: [], next_cursor: null });
      const breaks = new Set(await breaksIn(tenant));
      expect([...breaks].filter((found) => !mayBreak(worked).includes(found))).toEqual([]);
      expect(await verify(tenant)).toEqual([]);
    });
  },
);

test.each([
  { how: "name their order", named: { order_id: "O1" } },
  { how: "do not know their order", named: {} },
])(
  "tells nobody of a payment whose refunds came before it and $how (W5)",
  async ({ how, named }) => {
    const worked = exampleOf("W5");
    const tenant = await companyOf(`untold-${how.length}`, worked);
    const ofType = (type: string) => worked.events.filter((event) => event.type === type);
    const refunds = ofType("refund.completed").map((event) => ({
      ...event,
      data: { ...event.data, ...named },
    }));
    const payments = ofType("payment.confirmed");
    const told = new Set([...refunds, ...payments].map(({ id }) => id));
    await tell(
      tenant,
      worked.events.filter(({ id }) => !told.has(id)),
    );
    const parked = await tell(tenant, refunds, () => true);
    expect([...parked.values()]).toEqual([["parked"], ["parked"]]);
    const held = await listOf(tenant, "held?state=parked");
    expect(held.map(({ code }) => code)).toEqual(["payment_unknown", "payment_unknown"]);
    expect(await tenant.get("ledger/balances")).toEqual({ balances: {} });

    await tell(tenant, payments);
    await expectBalances(tenant, [{ prefix: "", worked, lanes: [] }]);
    expect(await listOf(tenant, "held")).toEqual([]);
    expect(await confirmedIn(tenant)).toEqual([]);
  },
);

test("holds nothing more of a dispute's end that came twice and waited twice (W12)", async () => {
  const worked = exampleOf("W12");
  const tenant = await companyOf("waiting", worked);
  const ofType = (type: string) => worked.events.filter((event) => event.type === type);
  const [end, payment, dispute] = [
    ofType("chargeback.closed"),
    ofType("payment.confirmed"),
    ofType("chargeback.opened"),
  ];
  await tell(tenant, worked.events.slice(0, 2));
  await tell(tenant, end, () => true);
  await tell(tenant, [...payment, ...end], () => true);
  await tell(tenant, dispute);
  await expectBalances(tenant, [{ prefix: "", worked, lanes: [] }]);
  expect(await tenant.get(`events?source=core&id=${end[0]?.id}`)).toMatchObject({
    items: [{ outcome: "applied" }, { outcome: "duplicate" }],
  });
  expect(await listOf(tenant, "held")).toEqual([]);
});

const amount = (amount_minor: number) => expect.objectContaining({ amount_minor });

/** W10 as it happened: each event after the one before. */
async function afterClawback(name: string): Promise<TestTenant> {
  const worked = exampleOf("W10");
  const tenant = await companyOf(name, worked);
  for (const event of worked.events) await tell(tenant, [event]);
  expect(await breaksIn(tenant)).toEqual([]);
  return tenant;
}

test("applies a payout above what is payable, and tells a person of it (W10)", async () => {
  const tenant = await afterClawback("overpaid");
  const payout = { payout_id: "PO2", currency: "USD", gross_minor: 3001, net_minor: 3001 };
  const told = await tell(
    tenant,
    coreStream("X", [
      ["payout.initiated", {}],
      ["payout.settled", {}],
      ["payout.initiated", { ...payout, method: "ach" }],
    ]).slice(2),
  );
  expect([...told.values()]).toEqual([["applied"]]);
  expect(await tenant.get("distributors/X")).toMatchObject({
    balances: { USD: { available: amount(-1), in_transit: amount(3001) } },
  });
  expect(await listOf(tenant, "breaks")).toMatchObject([
    { class: "PAYOUT_ABOVE_AVAILABLE", subject: "dist:X", reference: "PO2", resolved_at: null },
  ]);
});

test("takes a line back in the month of the refund (W10)", async () => {
  const { get } = await afterClawback("clawback");
  const lines = (minor: number) => [{ component: "level", amount: amount(minor) }];
  expect(await get("distributors/X/earnings/2026-07")).toMatchObject({
    statements: [{ opening: amount(0), lines: lines(5000), reversals: [], payouts: amount(-5000) }],
  });
  expect(await get("distributors/X/earnings/2026-08")).toMatchObject({
    statements: [
      { opening: amount(0), lines: lines(8000), reversals: lines(-5000), closing: amount(3000) },
    ],
  });
  expect(await get("ledger/balances?prefix=dist:&as_of=2026-07-31T23:59:59.999Z")).toEqual({
    balances: {},
  });
});

test("refuses what cannot be, says why, and posts nothing", async () => {
  const tenant = await companyOf("refusing", { ...exampleOf("W12"), mode: "mirror" });
  const cases = REFUSALS.map(({ before, refused, ...told }, nth) => {
    const prefix = `r${nth}-`;
    const named = before.map((event) => eventIn(event, prefix));
    return { ...told, before: named, refused: eventIn(refused, prefix) };
  });
  const ends = new Set(
    [
      ...(
        await tell(
          tenant,
          cases.flatMap(({ before }) => before),
        )
      ).values(),
    ].flat(),
  );
  expect(ends).toEqual(new Set(["applied"]));
  const read = async () => [await tenant.get("ledger/balances"), await listOf(tenant, "breaks")];
  const before = await read();
  expect(await listOf(tenant, "held")).toEqual([]);

  const outcomes = await tell(
    tenant,
    cases.map(({ refused }) => refused),
    () => true,
  );
  const rows = Map.groupBy(await listOf(tenant, "events"), ({ id }) => id);
  const held = Map.groupBy(await listOf(tenant, "held"), ({ event_id: id }) => id);
  for (const { name, refused, code, reason, state: stands } of cases) {
    const { id, type } = refused;
    const eventId = rows.get(id)?.[0]?.["event_id"];
    const { effects } = Object(await tenant.get(`events/${String(eventId)}`));
    expect({ name, outcome: outcomes.get(id), held: held.get(eventId), effects }).toMatchObject({
      name,
      outcome: [stands],
      held: [{ state: stands, code, type, reason: expect.stringMatching(reason) }],
      effects: { transfers: [] },
    });
  }
  expect(await read()).toEqual(before);
  expect(await verify(tenant)).toEqual([]);
});
