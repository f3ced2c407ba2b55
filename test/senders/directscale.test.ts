import { describe, expect, test } from "vitest";
import { directscale } from "#src/senders/directscale.ts";
import { conforms } from "./conformance.ts";
import { deliver } from "./deliver.ts";
import { parseHttpFile } from "./http-file.ts";
import { samples } from "./samples/directscale.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "core", options: {} };
const itemsOf = (body: string, options: object = {}, headers: Record<string, string> = {}) => {
  const reading = directscale.read(deliver({ body, headers }), {
    ...context,
    options: JSON.parse(JSON.stringify(options)),
  });
  return reading.kind === "items" ? reading.items : [];
};
const read = (message: object, options: object = {}) =>
  itemsOf(JSON.stringify(message), options).map((item) =>
    item.kind === "event"
      ? { type: item.event.type, data: item.event.data }
      : { code: item.code, errors: item.errors },
  );
const unmapped = (message: unknown) => [
  { code: "unmapped", errors: [{ path: "type", rule: "unmapped", message }] },
];
const file = (name: string): Record<string, unknown> =>
  JSON.parse(payload(`mlm-directscale-${name}.json`));

const order = file("order");
const enrollment = file("enrollment");
const associate = file("associate-update");
const subscription = file("subscription-create");
const paid = {
  type: "payment.confirmed",
  data: { payment_id: "310045", order_id: "310045", currency: "EUR", amount_minor: 11_950 },
};

describe("directscale, reading", () => {
  test("reads the request of its guide, named by its header", () => {
    const { headers, body } = parseHttpFile(payload("mlm-directscale-request.http"));
    expect(itemsOf(body, {}, headers)).toMatchObject([
      {
        id: "5d0c1c1e-7a6e-4c8b-9f53-0b6f5a7d1e10",
        event: { ...paid, occurredAtMs: Date.parse("2026-07-25T17:19:42Z") },
      },
    ]);
    expect(directscale.readHeaders).toEqual(["x-directscale-message-id"]);
  });

  test("names a message of the older event bus by what it says", () => {
    const [first, again] = [itemsOf(JSON.stringify(order)), itemsOf(JSON.stringify(order))];
    const [changed] = itemsOf(JSON.stringify({ ...order, EventDateUtc: "2026-07-25T17:19:43Z" }));
    expect(first[0]?.id).toMatch(/^[\da-f]{32}$/);
    expect(again[0]?.id).toBe(first[0]?.id);
    expect(changed?.id).not.toBe(first[0]?.id);
    expect(itemsOf(JSON.stringify(order), {}, { "x-directscale-message-id": "" })).toEqual(first);
  });

  const gap = { type: "cdc.gap", data: { table: "directscale:Order", pks: ["310045"] } };
  test.each([
    [{}, paid],
    [{ EventType: "CreateOrderEvent" }, paid],
    [{ EventType: "Order" }, paid],
    [{ OrderId: 310_045 }, paid],
    [{ OrderStatus: "Pending Payment" }, gap],
    [{ OrderStatus: "paid" }, gap],
    [{ OrderStatus: "Refunded" }, gap],
    [
      { OrderStatus: "Cancelled" },
      { type: "order.cancelled", data: { order_id: "310045", reason: "OrderStatus Cancelled" } },
    ],
    [
      { OrderStatus: null, OrderId: null },
      { type: "cdc.gap", data: { table: "directscale:Order" } },
    ],
  ])("reads an order with %j", (told, fact) => {
    expect(read({ ...order, ...told })).toEqual([fact]);
  });

  test("takes the company's own words for a paid order", () => {
    const options = { paid_statuses: ["Bezahlt"] };
    expect(read({ ...order, OrderStatus: "Bezahlt" }, options)).toEqual([paid]);
    expect(read(order, options)).toEqual([gap]);
  });

  test.each([
    ["JPY", 1195, 1195],
    ["KWD", 1.195, 1195],
    ["eur", "119.50", 11_950],
    ["USD", 1e7, 1_000_000_000],
  ])("counts %s %s", (OrderCurrency, OrderTotal, amount_minor) => {
    expect(read({ ...order, OrderCurrency, OrderTotal })).toMatchObject([
      { data: { amount_minor, currency: OrderCurrency.toUpperCase() } },
    ]);
  });

  test.each([
    [{ OrderTotal: 119.505 }, "data.amount_minor"],
    [{ OrderTotal: null }, "data.amount_minor"],
    [{ OrderCurrency: "Euro" }, "data.currency"],
  ])("refuses an order with %j", (told, path) => {
    expect(read({ ...order, ...told })).toMatchObject([
      {
        code: "contract_violated",
        errors: expect.arrayContaining([expect.objectContaining({ path })]),
      },
    ]);
  });

  const enrolled = {
    distributor_id: "70412",
    sponsor_id: "70011",
    status: "active",
    joined_at: "2026-07-25T17:18:03Z",
    country: "DE",
  };
  test.each([
    [{}, {}, enrolled],
    [{ DistributorId: 70_412, SponsorId: 70_011 }, {}, enrolled],
    [{ EnrollmentDateUtc: "2026-07-25T17:18:03" }, {}, enrolled],
    [
      { DistributorStatus: 4 },
      { statuses: { 4: "suspended" } },
      { ...enrolled, status: "suspended" },
    ],
    [
      { DistributorStatus: "Active" },
      { statuses: { Active: "grace" } },
      { ...enrolled, status: "grace" },
    ],
  ])("reads an enrolment with %j by %j", (told, options, data) => {
    expect(read({ ...enrollment, ...told }, options)).toEqual([
      { type: "distributor.enrolled", data },
    ]);
  });

  test("has nobody above the top of the tree", () => {
    const { sponsor_id: _top, ...data } = enrolled;
    expect(read({ ...enrollment, SponsorId: "0" })).toEqual([
      { type: "distributor.enrolled", data },
    ]);
  });

  test("links who enrols as a customer", () => {
    const options = { customer_types: ["Retail Customer", "2"] };
    const data = {
      customer_id: "70412",
      enroller_id: "70011",
      effective_at: "2026-07-25T17:18:03Z",
    };
    for (const DistributorType of ["Retail Customer", 2]) {
      expect(read({ ...enrollment, DistributorType }, options)).toEqual([
        { type: "customer.linked", data },
      ]);
    }
  });

  test("reads an associate's status in the company's own numbers", () => {
    const effective_at = "2026-07-25T17:25:11Z";
    const data = { distributor_id: "70412", status: "active", effective_at };
    const changed = { type: "distributor.status_changed", data };
    const options = { statuses: { 1: "active" } };
    expect(read(associate, options)).toEqual([changed]);
    expect(read({ ...associate, EventType: "CreateAssociateEvent" }, options)).toEqual([changed]);
    expect(read(associate)).toEqual(unmapped(expect.stringContaining("options.statuses")));
    expect(read({ ...associate, AssociateStatus: "constructor" }, options)).toEqual(
      unmapped(expect.stringContaining("AssociateStatus")),
    );
  });

  test("reads a customer's record as a lead", () => {
    expect(read(associate, { customer_types: ["1"] })).toEqual([
      {
        type: "lead.upserted",
        data: {
          crm: "directscale",
          object_id: "70412",
          fields: {
            Username: "zoe.k",
            FirstName: "Zoë",
            LastName: "Krüger",
            EmailAddress: "zoe.k@example.org",
            BackOfficeId: "BO-70412",
            ExternalReferenceId: "crm-60001",
          },
        },
      },
    ]);
  });

  test.each([
    [{}, { autoship_id: "70412:15", status: "active", next_run: "2026-08-25T00:00:00Z" }],
    [{ IsVoid: true }, { autoship_id: "70412:15", status: "void", next_run: null }],
    [
      { EventType: "UpdateSubscriptionEvent", ExpirationDateUtc: "2026-08-25T00:00:00.1234567" },
      { autoship_id: "70412:15", status: "active", next_run: "2026-08-25T00:00:00.1234567Z" },
    ],
  ])("reads a subscription with %j", (told, data) => {
    expect(read({ ...subscription, ...told })).toEqual([{ type: "autoship.changed", data }]);
  });

  test("numbers registers by the event's moment", () => {
    const [item] = itemsOf(JSON.stringify(subscription));
    expect(item?.kind === "event" && item.event.rev).toBe(
      String(Date.parse("2026-07-25T17:26:00Z")),
    );
  });

  test("keeps what it does not know, and nothing of a day that has passed", () => {
    const told = { EventType: "RankAdvanceEvent", EventDateUtc: "2026-07-25T17:26:00Z" };
    expect(read(told)).toEqual(unmapped(expect.stringContaining("RankAdvanceEvent")));
    const body = JSON.stringify({ ...told, EventType: "DailyEvent" });
    expect(directscale.read(deliver({ body }), context)).toMatchObject({
      items: [],
      ignored: expect.any(String),
    });
  });

  test("reads a rank by the source's own rule", () => {
    const rules = [
      {
        type: "rank.changed",
        when: { $type: "RankAdvanceEvent" },
        fields: {
          distributor_id: { path: "AssociateId", as: "text" },
          period_id: { path: "PeriodId", as: "text" },
          pay_rank: "RankName",
          career_rank: "HighRankName",
          reason: { value: "RankAdvanceEvent" },
        },
      },
    ];
    expect(directscale.checkOptions(JSON.parse(JSON.stringify({ rules })), "bearer-token")).toEqual(
      [],
    );
    const told = {
      EventType: "RankAdvanceEvent",
      EventDateUtc: "2026-07-25T17:26:00Z",
      AssociateId: 70_412,
      PeriodId: 91,
      RankName: "Silver",
      HighRankName: "Gold",
    };
    expect(read(told, { rules })).toMatchObject([
      { type: "rank.changed", data: { distributor_id: "70412", pay_rank: "Silver" } },
    ]);
  });

  test.each([[{}], [[]], [null], [{ EventType: "OrderEvent" }], [{ ...order, EventType: 7 }]])(
    "keeps %j, which is no message",
    (told) => {
      expect(itemsOf(JSON.stringify(told))).toMatchObject([
        { kind: "broken", code: "contract_violated", id: expect.stringMatching(/^unreadable-/) },
      ]);
    },
  );

  test("refuses a moment that is none", () => {
    expect(read({ ...order, EventDateUtc: "25.07.2026" })).toMatchObject([
      { code: "contract_violated", errors: [{ path: "occurred_at" }] },
    ]);
  });

  test("answers 200 and nothing else when it has taken a message", () => {
    const delivery = deliver({});
    expect(directscale.reply?.({ kind: "taken" }, delivery)).toEqual({ status: 200 });
    const refused = { kind: "refused", status: 401, code: "unauthentic", title: "" } as const;
    expect(directscale.reply?.(refused, delivery)).toBeUndefined();
  });

  test.each([
    [{ statuses: { 1: "Active" } }, "options.statuses"],
    [{ customer_types: "2" }, "options.customer_types"],
    [{ paid_statuses: [2] }, "options.paid_statuses"],
  ])("finds fault with options %j", (options, path) => {
    const faults = directscale.checkOptions(JSON.parse(JSON.stringify(options)), "bearer-token");
    expect(faults[0]?.path).toContain(path);
  });
});
