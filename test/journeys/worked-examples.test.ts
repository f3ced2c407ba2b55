import { runs } from "../support/runs.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { enrolment, ordersOf, w2, w13 } from "./support/streams.ts";
import { eachOf, openTenant, type SentEvent, type TestTenant } from "./support/tenant.ts";

const state = makeStateDir();
let gateway: LocalGateway;

beforeAll(async () => {
  gateway = await startLocal(state.stateDir);
});
afterAll(async () => {
  await gateway.stop();
  state.remove();
});

const usd = (amount_minor: number) => ({
  amount_minor,
  currency: "USD",
  amount: (amount_minor / 100).toFixed(2),
});

const inBuckets = (available: number) => ({
  USD: { pending: usd(0), held: usd(0), available: usd(available), in_transit: usd(0) },
});

const lineOf = (distributor: string, amounts: object) => ({
  line_id: `${distributor}-L1`,
  distributor_id: distributor,
  order_id: null,
  component: "unilevel",
  level: 1,
  currency: "USD",
  state: "available",
  ...amounts,
});

/** A worked example: its events, how often each is delivered, and how each distributor ends. */
const EXAMPLES = [
  {
    name: "W2",
    stream: w2,
    times: 2,
    balances: inBuckets(0),
    line: { amount_minor: 400, reversed_minor: 0 },
  },
  {
    name: "W13",
    stream: w13,
    times: 1,
    balances: inBuckets(750),
    line: { amount_minor: 1000, reversed_minor: 300 },
  },
] as const;

interface Journey {
  readonly distributor: string;
  readonly example: (typeof EXAMPLES)[number];
  readonly deliveries: readonly SentEvent[];
}

/** Where the enrolment comes among five events: mostly first, but late or last too. */
const PLACES = [0, 0, 5, 0, 3];

/** A distributor of its own for every `every`th order of each example. */
const journeysOf = (every: number): readonly Journey[] =>
  EXAMPLES.flatMap((example) =>
    ordersOf([0, 1, 2, 3, 4]).flatMap((order, nth) => {
      if (nth % every !== 0) return [];
      const distributor = `${example.name}-${order.map((i) => i + 1).join("")}`;
      const stream = example.stream(distributor);
      const events = order.flatMap((i) => stream[i] ?? []);
      const once = events.toSpliced(PLACES[nth % PLACES.length] ?? 0, 0, enrolment(distributor));
      return [{ distributor, example, deliveries: Array(example.times).fill(once).flat() }];
    }),
  );

async function send(tenant: TestTenant, journeys: readonly Journey[]): Promise<void> {
  await Promise.all(
    journeys.map(async ({ deliveries }) => {
      for (const event of deliveries) await tenant.post(event);
    }),
  );
  const ids = new Set(journeys.flatMap(({ deliveries }) => deliveries.map(({ id }) => id)));
  const outcomes = await tenant.outcomes([...ids]);
  expect(new Set(outcomes.values())).toEqual(new Set(["applied"]));
  await tenant.idle();
}

const ALL = 120;
/** In the long run all orders, else every fourth. */
const EVERY = runs(1) > 1 ? 1 : 4;

// A core's own lines are the same in both modes: one of them is a sample.
describe.each([
  { mode: "mirror", every: EVERY, orders: ALL / EVERY },
  { mode: "gateway_final", every: 8, orders: ALL / 8 },
] as const)("a $mode tenant", ({ mode, every, orders }) => {
  test("ends the same whichever way the events of W2 and W13 arrive", async () => {
    const tenant = await openTenant(gateway.client, `orders-${mode.replace("_", "-")}`, mode);
    const journeys = journeysOf(every);
    expect(journeys).toHaveLength(2 * orders);
    await send(tenant, journeys);

    expect(await tenant.get("ledger/balances?prefix=dist:")).toEqual({
      balances: { USD: availableOf(journeys) },
    });
    const balances = await tenant.get("ledger/balances");
    expect(balances).toEqual({
      balances: {
        USD: {
          "cash:bank": -12_350 * orders,
          "exp:commission": 12_500 * orders + 750 * orders,
          "rev:payout_fee": -150 * orders,
          ...availableOf(journeys),
        },
      },
    });
    await eachOf(journeys, async ({ distributor, example }) => {
      expect(await tenant.get(`distributors/${distributor}`)).toMatchObject({
        distributor_id: distributor,
        balances: example.balances,
      });
      expect(await tenant.get(`distributors/${distributor}/lines`)).toEqual({
        items: [expect.objectContaining(lineOf(distributor, example.line))],
        next_cursor: null,
      });
    });
    expect(await tenant.get("held")).toEqual({ items: [], next_cursor: null });
  });
});

/** Only what W13 leaves: zero balances are left out. */
const availableOf = (journeys: readonly Journey[]) =>
  Object.fromEntries(
    journeys.flatMap(({ distributor, example }) =>
      example.name === "W13" ? [[`dist:${distributor}:available`, -750]] : [],
    ),
  );

test("holds what is behind a gap and applies it when the gap closes (W13)", async () => {
  const tenant = await openTenant(gateway.client, "gap");
  const [one, two, three, four, five] = w13("G");
  if (!one || !two || !three || !four || !five) throw new Error("W13 has five events");
  await tenant.post(enrolment("G"));
  await tenant.idle();
  for (const event of [one, two, four, five]) await tenant.post(event);
  const ids = [one.id, two.id, four.id, five.id];
  const outcomes = await tenant.outcomes(ids, () => true);
  expect([...outcomes]).toEqual(
    expect.arrayContaining([
      [one.id, "applied"],
      [two.id, "applied"],
      [four.id, "buffered"],
      [five.id, "buffered"],
    ]),
  );
  expect(await tenant.get("distributors/G")).toMatchObject({
    balances: { USD: { held: usd(1000), available: usd(70) } },
  });

  await tenant.post(three);
  const all = await tenant.outcomes([...ids, three.id]);
  expect(new Set(all.values())).toEqual(new Set(["applied"]));
  expect(await tenant.get("distributors/G")).toMatchObject({ balances: inBuckets(750) });
});

test("holds money for somebody whom nobody enrolled, and applies it once somebody does (W2)", async () => {
  const tenant = await openTenant(gateway.client, "unknown");
  const stream = w2("U");
  const ids = stream.map(({ id }) => id);
  for (const event of stream) await tenant.post(event);
  const held = await tenant.outcomes(ids, () => true);
  expect(new Set(held.values())).toEqual(new Set(["parked"]));
  expect(await tenant.get("held")).toMatchObject({
    items: ids.map(() => ({ state: "parked", code: "distributor_unknown", key: "dist:U" })),
  });
  expect(await tenant.get("ledger/balances")).toEqual({ balances: {} });

  await tenant.post(enrolment("U"));
  const all = await tenant.outcomes(ids);
  expect(new Set(all.values())).toEqual(new Set(["applied"]));
  expect(await tenant.get("held")).toEqual({ items: [], next_cursor: null });
  expect(await tenant.get("distributors/U")).toMatchObject({ balances: inBuckets(0) });
});
