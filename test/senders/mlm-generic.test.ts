import { describe, expect, test } from "vitest";
import { mlmGeneric } from "#src/senders/mlm-generic.ts";
import { conforms } from "./conformance.ts";
import { deliver } from "./deliver.ts";
import { samples } from "./samples/mlm-generic.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "core", options: {} };
const itemsOf = (body: unknown, options: object = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reading = mlmGeneric.read(deliver({ body: text }), {
    ...context,
    options: JSON.parse(JSON.stringify(options)),
  });
  return reading.kind === "items" ? reading.items : [];
};
const told = { event_id: "e-1", occurred_at: "2026-07-25T17:21:00Z" };
const read = (message: object, options: object = {}) =>
  itemsOf({ ...told, ...message }, options).map((item) =>
    item.kind === "event"
      ? { type: item.event.type, data: item.event.data }
      : { code: item.code, errors: item.errors },
  );

describe("mlm-generic, reading", () => {
  test("reads the rank of its example", () => {
    const [item] = itemsOf(payload("mlm-generic-rank-advanced.json"));
    expect(item).toMatchObject({
      id: "r-1",
      event: { type: "rank.changed", rev: String(Date.parse("2026-07-25T17:21:00Z")) },
    });
    expect(item?.kind === "event" && item.event.data).toEqual({
      distributor_id: "M1001",
      period_id: "2026-07",
      pay_rank: "Silver",
      career_rank: "Silver",
      reason: "from Bronze to Silver",
    });
  });

  test("keeps the release of its example, which names no line", () => {
    expect(itemsOf(payload("mlm-generic-commission-released.json"))).toMatchObject([
      {
        kind: "broken",
        id: "c-1:0",
        code: "unmapped",
        errors: [{ message: expect.stringContaining("releases[].line_id") }],
      },
    ]);
  });

  const order = {
    id: "O-1",
    kind: "store",
    buyer: "customer",
    member_id: "M1001",
    currency: "EUR",
    net: "100.00",
    tax: 19,
    shipping: "5.5",
    total: "124.50",
    cv: "80.25",
    pv: 100,
  };
  const sale = {
    order_id: "O-1",
    order_kind: "store",
    source_node: "M1001",
    currency: "EUR",
    net_minor: 10_000,
    tax_minor: 1900,
    shipping_minor: 550,
    amount_minor: 12_450,
    cv_x100: 8025,
    pv_x100: 10_000,
  };

  test.each([
    [
      "both parents told",
      {
        event_type: "member.enrolled",
        member: { id: "M1", sponsor_id: "M7", enroller_id: "M3", country: "DE" },
      },
      "distributor.enrolled",
      {
        distributor_id: "M1",
        sponsor_id: "M3",
        placement_id: "M7",
        status: "active",
        joined_at: told.occurred_at,
        country: "DE",
      },
    ],
    [
      "all of an enrolment",
      {
        event_type: "member.enrolled",
        member: {
          id: 1001,
          sponsor_id: "M7",
          placement_id: "M9",
          leg: "L",
          status: "grace",
          joined_at: "2026-07-01",
          country: "DE",
          person: { email: "a@example.org" },
        },
      },
      "distributor.enrolled",
      {
        distributor_id: "1001",
        sponsor_id: "M7",
        placement_id: "M9",
        leg: "L",
        status: "grace",
        joined_at: "2026-07-01",
        country: "DE",
        pii: { email: "a@example.org" },
      },
    ],
    [
      "a status",
      {
        event_type: "member.status_changed",
        member: { id: "M1", status: "terminated" },
        effective_at: "2026-08-01",
      },
      "distributor.status_changed",
      { distributor_id: "M1", status: "terminated", effective_at: "2026-08-01" },
    ],
    [
      "a customer",
      { event_type: "customer.enrolled", customer: { id: "C1", enroller_id: "M1" } },
      "customer.linked",
      { customer_id: "C1", enroller_id: "M1", effective_at: told.occurred_at },
    ],
    [
      "a rank below the career's",
      {
        event_type: "rank.advanced",
        member: { id: "M1" },
        rank: { to: "Silver", career: "Gold", period: 91, reason: "volume" },
      },
      "rank.changed",
      {
        distributor_id: "M1",
        period_id: "91",
        pay_rank: "Silver",
        career_rank: "Gold",
        reason: "volume",
      },
    ],
    [
      "a placed order",
      { event_type: "order.placed", order },
      "order.placed",
      { ...sale, buyer_kind: "customer" },
    ],
    [
      "a paid order",
      { event_type: "order.paid", order },
      "payment.confirmed",
      { ...sale, payment_id: "O-1" },
    ],
    [
      "a thin payment",
      {
        event_type: "order.paid",
        payment_id: "P-1",
        order: { id: "O-1", currency: "JPY", total: 400 },
      },
      "payment.confirmed",
      { payment_id: "P-1", order_id: "O-1", currency: "JPY", amount_minor: 400 },
    ],
    [
      "a cancelled order",
      { event_type: "order.cancelled", order: { id: "O-1" }, reason: "lost" },
      "order.cancelled",
      { order_id: "O-1", reason: "lost" },
    ],
    [
      "a refund",
      {
        event_type: "order.refunded",
        order: { id: "O-1", currency: "KWD" },
        refund: { id: "R-1", total: "1.005" },
      },
      "refund.completed",
      { refund_id: "R-1", payment_id: "O-1", order_id: "O-1", currency: "KWD", amount_minor: 1005 },
    ],
  ])("reads %s", (_name, message, type, data) => {
    expect(read(message)).toEqual([{ type, data }]);
  });

  const line = {
    line_id: "L-1",
    seq: 4,
    node_id: "M1",
    order_id: "O-1",
    bonus_title: "Team bonus",
    level: 2,
    amount: "41.20",
    currency: "USD",
    cv: 824,
    rate_percent: "5.0",
  };
  const earned = { event_type: "commission.earned", batch_id: "B77", period: "2026-W30" };

  test("posts each line of a batch in its distributor's order; a bad one stays alone", () => {
    const items = itemsOf({
      ...told,
      ...earned,
      epoch: 1,
      commissions: [line, "no line", { ...line, seq: null }],
    });
    expect(items.map(({ id }) => id)).toEqual(["e-1:0", "e-1:1", "e-1:2"]);
    expect(items.map(({ kind }) => kind)).toEqual(["event", "broken", "broken"]);
    const [first, , unplaced] = items;
    expect(first?.kind === "event" && first.event).toMatchObject({
      type: "commission.posted",
      key: "dist:M1",
      epoch: 1,
      seq: 4,
      data: {
        line_id: "L-1",
        distributor_id: "M1",
        order_id: "O-1",
        component: "Team bonus",
        level: 2,
        currency: "USD",
        amount_minor: 4120,
        cv_x100: 82_400,
        rate_ppm: 50_000,
        period_id: "2026-W30",
        run_id: "B77",
      },
    });
    expect(unplaced).toMatchObject({ code: "contract_violated", errors: [{ path: "seq" }] });
  });

  test("releases the lines it names", () => {
    const releases = [
      { line_id: "L-1", seq: 5, node_id: "M1" },
      { line_id: "L-2", seq: 1, node_id: "M2" },
    ];
    const items = itemsOf({ ...told, event_type: "commission.released", releases });
    expect(items.map((item) => item.kind === "event" && [item.event.seq, item.event.data])).toEqual(
      [
        [5, { line_id: "L-1", distributor_id: "M1" }],
        [1, { line_id: "L-2", distributor_id: "M2" }],
      ],
    );
  });

  test("takes a revision where one is told", () => {
    const message = {
      ...told,
      rev: 7,
      event_type: "customer.enrolled",
      customer: { id: "C1", enroller_id: "M1" },
    };
    const [item] = itemsOf(message);
    expect(item?.kind === "event" && item.event.rev).toBe("7");
  });

  test.each([
    [
      "an amount that is none",
      { event_type: "order.paid", order: { ...order, total: "1.005" } },
      "data.amount_minor",
    ],
    [
      "points that are none",
      { event_type: "order.paid", order: { ...order, cv: "many" } },
      "data.cv_x100",
    ],
    [
      "a sum that does not add up",
      { event_type: "order.paid", order: { ...order, tax: 20 } },
      "data.amount_minor",
    ],
    [
      "no moment",
      { event_type: "order.cancelled", order: { id: "1" }, occurred_at: null },
      "occurred_at",
    ],
    ["no lines", { event_type: "commission.earned" }, "data.line_id"],
  ])("keeps %s", (_name, message, path) => {
    expect(read(message)).toMatchObject([
      {
        code: "contract_violated",
        errors: expect.arrayContaining([expect.objectContaining({ path })]),
      },
    ]);
  });

  test.each(["member.deleted", "constructor", "rank.changed"])("knows no %s", (event_type) => {
    expect(read({ event_type })).toMatchObject([{ code: "unmapped" }]);
  });

  test("reads another word by the source's own rules, and the line of a batch", () => {
    const rules = [
      {
        type: "cdc.gap",
        when: { $type: "commission.released" },
        fields: { table: { value: "mlm:Bonus" }, pks: { value: ["x"] } },
      },
      {
        type: "distributor.status_changed",
        when: { event_type: "member.deleted" },
        fields: {
          distributor_id: "member.id",
          status: { value: "terminated" },
          effective_at: "occurred_at",
        },
      },
    ];
    expect(mlmGeneric.checkOptions(JSON.parse(JSON.stringify({ rules })), "basic")).toEqual([]);
    expect(read({ event_type: "member.deleted", member: { id: "M1" } }, { rules })).toMatchObject([
      { type: "distributor.status_changed", data: { distributor_id: "M1" } },
    ]);
    const released = read({ event_type: "commission.released", releases: [{}, {}] }, { rules });
    expect(released.map((item) => "type" in item && item.type)).toEqual(["cdc.gap", "cdc.gap"]);
  });

  test.each([[{}], [[]], [null], [{ event_type: "rank.advanced" }], [{ ...told, event_type: "" }]])(
    "keeps %j, which is no message of the form",
    (message) => {
      expect(itemsOf(message)).toMatchObject([{ kind: "broken", code: "contract_violated" }]);
    },
  );

  test("names a message by its own id", () => {
    const message = { ...told, event_type: "order.cancelled", order: { id: "1" } };
    expect(itemsOf({ ...message, event_id: 7 })[0]?.id).toBe("7");
    expect(itemsOf(message)[0]?.id).toBe("e-1");
  });
});
