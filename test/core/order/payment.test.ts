import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Json } from "#src/core/json.ts";
import { OUT } from "../support/events.ts";
import { LEVEL, PLAN, TestOrder, type World } from "./support.ts";

type Data = Readonly<Record<string, Json>>;

/** As a payment provider sends it: it knows an amount and an order. */
const THIN: Data = {
  net_minor: OUT,
  tax_minor: OUT,
  shipping_minor: OUT,
  cv_x100: OUT,
  source_node: OUT,
  order_kind: OUT,
};

const W1 = {
  "cash:psp": 26_672,
  "exp:psp_fee": 828,
  "rev:product": -25_000,
  "tax:sales": -2000,
  "rev:shipping": -500,
};

const { "exp:psp_fee": FEE, ...CASH } = W1;
const WITHOUT_FEE = { ...CASH, "cash:psp": W1["cash:psp"] + FEE };

interface Case {
  readonly name: string;
  readonly world?: World;
  readonly told: readonly (readonly [EventType, Data?])[];
  readonly outcomes: readonly string[];
  readonly balances?: Readonly<Record<string, number>>;
  readonly lines?: readonly string[];
  readonly breaks?: readonly string[];
  readonly messages?: readonly string[];
}

const PAID = "payment.confirmed";
const DISPUTED = "chargeback.opened";
const WHOLE: Data = {
  amount_minor: 27_500,
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 500,
};
const FREE: Data = { amount_minor: 0, net_minor: 0, tax_minor: 0, shipping_minor: 0 };
const CONFIRMED = ["msg:payment_confirmed:P1"];
const BOTH = ["A 400-0", "S 400-0"];

const PACKED: Data = { pv_x100: 20_000, package: "silver" };

/** What a payment tells besides its amount, told otherwise. */
const OTHER_GOODS: Data = {
  cv_x100: 20_001,
  pv_x100: 9999,
  source_node: "C",
  order_kind: "autoship",
  package: "gold",
};

const CASES: readonly Case[] = [
  {
    name: "in full: P1, P2, its lines and one message",
    told: [[PAID]],
    outcomes: ["applied"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "thin, before its order: waits for it",
    told: [[PAID, THIN], ["order.placed"]],
    outcomes: ["parked order_unknown", "applied"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "thin, after its order",
    told: [["order.placed"], [PAID, THIN]],
    outcomes: ["applied", "applied"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "thin, with another amount than its order",
    told: [["order.placed"], [PAID, { ...THIN, amount_minor: 27_499 }]],
    outcomes: ["applied", "quarantined amount_mismatch"],
  },
  {
    name: "thin, in another currency than its order",
    told: [["order.placed"], [PAID, { ...THIN, currency: "EUR" }]],
    outcomes: ["applied", "quarantined currency_mismatch"],
  },
  {
    name: "in full, with another amount than its order: for a person to see",
    told: [["order.placed", { tax_minor: 1999, amount_minor: 27_499 }], [PAID]],
    outcomes: ["applied", "applied"],
    balances: W1,
    lines: BOTH,
    breaks: ["ORDER_DIFFERS:O1"],
    messages: CONFIRMED,
  },
  {
    name: "in full, and its order differs later",
    told: [[PAID], ["order.placed", { currency: "EUR" }]],
    outcomes: ["applied", "applied"],
    balances: W1,
    lines: BOTH,
    breaks: ["ORDER_DIFFERS:O1"],
    messages: CONFIRMED,
  },
  {
    name: "of an order that was cancelled",
    told: [["order.cancelled"], [PAID]],
    outcomes: ["applied", "applied"],
    balances: W1,
    lines: BOTH,
    breaks: ["CANCELLED_PAID:O1"],
    messages: CONFIRMED,
  },
  {
    name: "of an order that is cancelled later",
    told: [[PAID], ["order.cancelled"]],
    outcomes: ["applied", "applied"],
    balances: W1,
    lines: BOTH,
    breaks: ["CANCELLED_PAID:O1"],
    messages: CONFIRMED,
  },
  {
    name: "told by shop and processor",
    told: [[PAID], [PAID, THIN]],
    outcomes: ["applied", "duplicate"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "told before with another amount",
    told: [[PAID], [PAID, { tax_minor: 2001, amount_minor: 27_501 }]],
    outcomes: ["applied", "conflict fact_contradicted"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "told before with other parts of the same amount",
    told: [[PAID], [PAID, { net_minor: 24_000, tax_minor: 3000 }]],
    outcomes: ["applied", "conflict fact_contradicted"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  ...Object.entries(OTHER_GOODS).map(([member, other]): Case => ({
    name: `told before with another ${member}`,
    told: [
      [PAID, PACKED],
      [PAID, { ...PACKED, [member]: other }],
    ],
    outcomes: ["applied", "conflict fact_contradicted"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  })),
  {
    name: "told before without its fee, and now with it and with other parts",
    told: [
      [PAID, { fee_minor: OUT }],
      [PAID, { net_minor: 24_000, tax_minor: 3000 }],
    ],
    outcomes: ["applied", "conflict fact_contradicted"],
    balances: WITHOUT_FEE,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "thin, priced by its order, and told in full with other parts than the order's",
    told: [["order.placed"], [PAID, THIN], [PAID, { net_minor: 24_000, tax_minor: 3000 }]],
    outcomes: ["applied", "applied", "applied"],
    balances: { ...W1, "rev:product": -24_000, "tax:sales": -3000 },
    lines: BOTH,
    breaks: ["ORDER_DIFFERS:O1"],
    messages: CONFIRMED,
  },
  {
    name: "told before without points and package of its own, and now with them",
    told: [[PAID], [PAID, { pv_x100: 9999 }], [PAID, { package: "gold" }], [PAID, PACKED]],
    outcomes: ["applied", "applied", "duplicate", "conflict fact_contradicted"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "whose order is told twice, with and without its package",
    told: [
      [PAID],
      ["order.placed", { package: "gold" }],
      ["order.placed"],
      ["order.placed", { package: "silver" }],
    ],
    outcomes: ["applied", "applied", "duplicate", "conflict fact_contradicted"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "whose order is told again with the package that another telling told otherwise",
    told: [[PAID, { package: "gold" }], ["order.placed"], ["order.placed", { package: "silver" }]],
    outcomes: ["applied", "applied", "applied"],
    balances: W1,
    lines: BOTH,
    breaks: ["ORDER_DIFFERS:O1"],
    messages: CONFIRMED,
  },
  {
    name: "thin, priced by its order, and told in full as the order tells it",
    told: [["order.placed"], [PAID, THIN], [PAID]],
    outcomes: ["applied", "applied", "duplicate"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "told before, and now without its own points",
    told: [
      [PAID, { pv_x100: 9999 }],
      [PAID, { pv_x100: OUT }],
    ],
    outcomes: ["applied", "duplicate"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "whose fee is told later",
    told: [
      [PAID, { fee_minor: OUT }],
      [PAID, { ...THIN, fee_minor: 828 }],
      [PAID, THIN],
    ],
    outcomes: ["applied", "applied", "duplicate"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "whose fee is told otherwise",
    told: [[PAID], [PAID, { ...THIN, fee_minor: 829 }]],
    outcomes: ["applied", "conflict fact_contradicted"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "whose fee is nothing, told later",
    told: [
      [PAID, { fee_minor: OUT }],
      [PAID, { ...THIN, fee_minor: 0 }],
      [PAID, { ...THIN, fee_minor: 1 }],
    ],
    outcomes: ["applied", "applied", "conflict fact_contradicted"],
    balances: WITHOUT_FEE,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "the second of an order (P13)",
    told: [[PAID], [PAID, { payment_id: "P2", fee_minor: 30 }]],
    outcomes: ["applied", "applied"],
    balances: { ...W1, "cash:psp": 54_142, "exp:psp_fee": 858, "cust:unapplied": -27_500 },
    lines: BOTH,
    breaks: ["DUPLICATE_PAYMENT:P2"],
    messages: CONFIRMED,
  },
  {
    name: "the second of an order, told again with other parts",
    told: [
      [PAID],
      [PAID, { payment_id: "P2", fee_minor: OUT }],
      [PAID, { payment_id: "P2", fee_minor: 30, net_minor: 24_000, tax_minor: 3000 }],
      [PAID, { ...THIN, payment_id: "P2", fee_minor: 30 }],
    ],
    outcomes: ["applied", "applied", "conflict fact_contradicted", "applied"],
    balances: { ...W1, "cash:psp": 54_142, "exp:psp_fee": 858, "cust:unapplied": -27_500 },
    lines: BOTH,
    breaks: ["DUPLICATE_PAYMENT:P2"],
    messages: CONFIRMED,
  },
  {
    name: "the second of an order, its fee told later",
    told: [
      [PAID],
      [PAID, { ...THIN, payment_id: "P2", fee_minor: OUT }],
      [PAID, { ...THIN, payment_id: "P2", fee_minor: 30 }],
    ],
    outcomes: ["applied", "applied", "applied"],
    balances: { ...W1, "cash:psp": 54_142, "exp:psp_fee": 858, "cust:unapplied": -27_500 },
    lines: BOTH,
    breaks: ["DUPLICATE_PAYMENT:P2"],
    messages: CONFIRMED,
  },
  {
    name: "thin, before it is told in full: its fee is posted all the same",
    told: [
      [PAID, THIN],
      [PAID, { fee_minor: OUT }],
    ],
    outcomes: ["parked order_unknown", "applied"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "thin, the second of an order, before the first is told in full",
    told: [[PAID, { ...THIN, payment_id: "P2", fee_minor: 30 }], [PAID]],
    outcomes: ["parked order_unknown", "applied"],
    balances: { ...W1, "cash:psp": 54_142, "exp:psp_fee": 858, "cust:unapplied": -27_500 },
    lines: BOTH,
    breaks: ["DUPLICATE_PAYMENT:P2"],
    messages: CONFIRMED,
  },
  {
    name: "of a volume that no plan can pay on",
    world: { plans: [{ ...PLAN, currency: "KWD" }] },
    told: [[PAID, { cv_x100: Number.MAX_SAFE_INTEGER }]],
    outcomes: ["quarantined volume_too_large"],
  },
  {
    name: "of such a volume, without a plan",
    world: { plans: [] },
    told: [[PAID, { cv_x100: Number.MAX_SAFE_INTEGER }]],
    outcomes: ["applied"],
    balances: W1,
    messages: CONFIRMED,
  },
  {
    name: "before the first plan",
    world: { plans: [{ ...PLAN, effective_from: "2026-07-26" }] },
    told: [[PAID]],
    outcomes: ["applied"],
    balances: W1,
    messages: CONFIRMED,
  },
  {
    name: "below somebody unknown: waits",
    world: { upline: { kind: "unknown", node: "X" } },
    told: [[PAID]],
    outcomes: ["parked ancestor_unknown"],
  },
  {
    name: "in a tree that runs in a circle: waits",
    world: { upline: { kind: "cycle", node: "X" } },
    told: [[PAID]],
    outcomes: ["parked tree_cycle"],
  },
  {
    name: "refunded whole before it was told: nobody is confirmed",
    told: [["refund.completed", { amount_minor: 27_500, net_minor: OUT, tax_minor: OUT }], [PAID]],
    outcomes: ["parked payment_unknown", "applied"],
    balances: {
      "cash:psp": -828,
      "exp:psp_fee": 828,
      "rev:product": -25_000,
      "rev:refund": 25_000,
    },
    lines: ["A 400-400", "S 400-400"],
  },
  {
    name: "whose whole refund failed before it was told: confirmed",
    told: [
      ["refund.failed"],
      ["refund.completed", { amount_minor: 27_500, net_minor: OUT, tax_minor: OUT }],
      [PAID],
    ],
    outcomes: ["parked refund_unknown", "parked payment_unknown", "applied"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "disputed whole before it was told: a dispute is no refund, and confirmed",
    told: [[DISPUTED, WHOLE], [PAID]],
    outcomes: ["parked payment_unknown", "applied"],
    balances: {
      "cash:psp": -2328,
      "exp:psp_fee": 828,
      "exp:chargeback_fee": 1500,
      "rev:product": -25_000,
      "rev:refund": 25_000,
    },
    lines: ["A 400-400", "S 400-400"],
    messages: CONFIRMED,
  },
  {
    name: "whose dispute was won before it was told: confirmed",
    told: [
      [DISPUTED, WHOLE],
      ["chargeback.closed", { outcome: "won", fee_refunded_minor: 1500 }],
      [PAID],
    ],
    outcomes: ["parked payment_unknown", "parked dispute_unknown", "applied"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
  {
    name: "given away, and taken back before it was told: nobody is confirmed",
    told: [
      ["refund.completed", { amount_minor: 0, net_minor: OUT, tax_minor: OUT }],
      [PAID, { ...FREE, fee_minor: OUT }],
    ],
    outcomes: ["parked payment_unknown", "applied"],
    lines: ["A 400-400", "S 400-400"],
  },
  {
    name: "refunded in part before it was told: confirmed all the same",
    told: [["refund.completed"], [PAID]],
    outcomes: ["parked payment_unknown", "applied"],
    balances: {
      "cash:psp": 15_872,
      "exp:psp_fee": 828,
      "rev:product": -25_000,
      "rev:refund": 10_000,
      "rev:shipping": -500,
      "tax:sales": -1200,
    },
    lines: ["A 400-160", "S 400-160"],
    messages: CONFIRMED,
  },
  {
    name: "whose refund of a half waits twice, from shop and processor: confirmed all the same",
    told: [
      ["refund.completed", { amount_minor: 13_750, net_minor: OUT, tax_minor: OUT }],
      ["refund.completed", { amount_minor: 13_750, net_minor: OUT, tax_minor: OUT, note: "psp" }],
      [PAID],
    ],
    outcomes: ["parked payment_unknown", "parked payment_unknown", "applied"],
    balances: {
      "cash:psp": 12_922,
      "exp:psp_fee": 828,
      "rev:product": -25_000,
      "rev:refund": 12_500,
      "rev:shipping": -250,
      "tax:sales": -1000,
    },
    lines: ["A 400-200", "S 400-200"],
    messages: CONFIRMED,
  },
  {
    name: "whose refund can never be: confirmed all the same",
    told: [["refund.completed", { amount_minor: 27_501, net_minor: OUT, tax_minor: OUT }], [PAID]],
    outcomes: ["parked payment_unknown", "applied"],
    balances: W1,
    lines: BOTH,
    messages: CONFIRMED,
  },
];

describe("a payment", () => {
  test.each(CASES)("$name", ({ world, told, outcomes, ...ends }) => {
    const order = new TestOrder(world);
    expect(told.map(([type, data]) => order.tell(type, data))).toEqual(outcomes);
    expect(order.balances).toEqual(ends.balances ?? {});
    expect(order.lines).toEqual(ends.lines ?? []);
    expect(order.breaks.map(({ break_id }) => break_id)).toEqual(ends.breaks ?? []);
    expect(order.messages).toEqual(ends.messages ?? []);
  });

  test("makes itself known by its id, and shows the order paid", () => {
    const order = new TestOrder();
    order.tell("payment.confirmed");
    expect(order.effects[0]?.aliases).toEqual(["payment:P1"]);
    expect(order.row).toMatchObject({
      state: "paid",
      payment_id: "P1",
      source_node: "B",
      period_id: "2026-07",
      fee_minor: 828,
      lines: 2,
      manifest: '[["USD","800","0"]]',
    });
  });

  test.each<[string, World, Data]>([
    ["for its order", {}, THIN],
    ["for its upline", { upline: { kind: "unknown", node: "X" } }, {}],
    ["for a tree to be mended", { upline: { kind: "cycle", node: "X" } }, {}],
  ])("makes itself known while it waits %s: its returns wait beside it", (_name, world, data) => {
    const order = new TestOrder(world);
    expect(order.tell("payment.confirmed", data)).toMatch(/^(?:parked|quarantined) /);
    expect(order.effects[0]).toEqual({ aliases: ["payment:P1"] });
  });

  test.each<[World, string]>([
    [
      { upline: { kind: "unknown", node: "X" } },
      'Nobody is known as "X" in the sponsor tree: paid by itself once that is known',
    ],
    [
      {
        plans: [{ ...PLAN, components: [{ ...LEVEL, tree: "placement" }] }],
        placement: { kind: "cycle", node: "X" },
      },
      'The placement tree runs in a circle at "X": paid by itself once that is put right',
    ],
  ])("names the tree that it waits for, %#", (world, reason) => {
    const order = new TestOrder(world);
    order.tell("payment.confirmed");
    expect(order.store.entries.at(-1)?.reason).toBe(reason);
  });

  test("whose points are told of one kind has as many of the other", () => {
    const order = new TestOrder();
    order.tell("payment.confirmed", { cv_x100: 300 });
    expect(order.row).toMatchObject({ cv_x100: 300, pv_x100: 300 });
  });
});

test("payments of an order that was paid a thousand times are for a person", () => {
  const order = new TestOrder();
  order.tell("payment.confirmed");
  const extra = { currency: "USD", amount_minor: 1, fee_minor: null, paid_ms: 0 };
  const extras = Array.from({ length: 998 }, (_, i) => ({ ...extra, payment_id: `X${i}` }));
  const view = JSON.stringify({ ...order.state, extras });
  order.store.commit({ recorded_ms: 0, effects: {} }, [{ put: "view", view }]);
  expect(order.tell("payment.confirmed", { payment_id: "P2" })).toBe("applied");
  expect(order.tell("payment.confirmed", { payment_id: "P3" })).toBe(
    "quarantined too_many_payments",
  );
  expect(order.store.entries.at(-1)?.reason).toBe(
    "data.order_id: one order takes 1000 payments at most, and has them",
  );
});
