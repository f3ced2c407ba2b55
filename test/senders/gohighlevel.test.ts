import { describe, expect, test } from "vitest";
import { gohighlevel } from "#src/senders/gohighlevel.ts";
import type { Outcome } from "#src/senders/sender.ts";
import { signGohighlevel } from "../../scripts/signing/gohighlevel.ts";
import { conforms } from "./conformance.ts";
import { deliver, MEANS, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { pair, samples } from "./samples/gohighlevel.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const ours = vectors.filter(({ scheme }) => scheme === "ghl-ed25519");

describe("gohighlevel, by the vectors", () => {
  test("finds them", () => {
    expect(ours).toHaveLength(6);
  });

  test.each(ours)("$id is judged $valid: $description", async (vector) => {
    const { scheme, secret, now, ...request } = vector;
    const delivery = deliver({ ...request, receivedAtMs: now * 1000 });
    const result = await verifyBy(gohighlevel, scheme, delivery, { secrets: [secret] });
    expect(result.ok).toBe(vector.valid);
    expect(gohighlevel.schemes[scheme]?.checkSecret(secret)).toBeUndefined();
  });

  test("takes the key GoHighLevel publishes", () => {
    const published = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";
    const { checkSecret } = gohighlevel.schemes["ghl-ed25519"] ?? {};
    expect(checkSecret?.(published)).toBeUndefined();
    expect(checkSecret?.(pair.signing)).toEqual(expect.any(String));
  });
});

const judge = (body: string, headers = signGohighlevel({ secret: pair.signing, body })) =>
  verifyBy(gohighlevel, "ghl-ed25519", deliver({ headers, body }), { secrets: [pair.pem] });

describe("gohighlevel, verifying", () => {
  test.each(["N/A", "n/a", "undefined"])("refuses the header %s", async (text) => {
    expect(await judge("{}", { "x-ghl-signature": text })).toMatchObject({
      ok: false,
      reason: "signature_malformed",
    });
  });

  test("refuses the header of the scheme that has ended", async () => {
    const { "x-ghl-signature": text = "" } = signGohighlevel({ secret: pair.signing, body: "{}" });
    expect(await judge("{}", { "x-wh-signature": text })).toMatchObject({
      reason: "signature_missing",
    });
  });

  test.each([
    ["no moment", "{}", true, undefined],
    ["a moment that is a number", '{"timestamp":1785000000000}', false, "timestamp_malformed"],
    ["a moment that is no date", '{"timestamp":"soon"}', false, "timestamp_malformed"],
    ["a body that is no JSON", "{", true, undefined],
  ])("judges %s", async (_name, body, ok, reason) => {
    expect(await judge(body)).toMatchObject(reason === undefined ? { ok } : { ok, reason });
  });

  test.each<[string, object, boolean]>([
    ["a location of its own", { locationId: "L2" }, true],
    ["an invoice of its own", { altType: "location", altId: "L1" }, true],
    ["a stranger's location", { locationId: "L3" }, false],
    [
      "a stranger's location that names ours beside",
      { locationId: "L3", altType: "location", altId: "L1" },
      false,
    ],
    ["another kind of owner", { altType: "company", altId: "L1" }, false],
    ["no location", {}, false],
  ])("judges %s where the source names its locations", async (_name, told, ok) => {
    const body = JSON.stringify(told);
    const options = { location_ids: ["L1", "L2"] };
    expect(gohighlevel.checkOptions(options, "ghl-ed25519")).toEqual([]);
    const result = await verifyBy(
      gohighlevel,
      "ghl-ed25519",
      deliver({ headers: signGohighlevel({ secret: pair.signing, body }), body }),
      { secrets: [pair.pem], means: { ...MEANS, options } },
    );
    expect(result.ok).toBe(ok);
    expect(result.steps.at(-1)).toMatchObject({ step: "location", ok });
  });

  test("believes a retry of what was signed 70 minutes ago", async () => {
    const at = new Date(RECEIVED_AT_MS - 70 * 60_000).toISOString();
    expect(await judge(JSON.stringify({ timestamp: at }))).toMatchObject({ ok: true });
  });
});

describe("gohighlevel, answering", () => {
  const refused = (change: object): Outcome => ({
    kind: "refused",
    status: 503,
    code: "overloaded",
    title: "Overloaded",
    ...change,
  });
  const replyTo = (outcome: Outcome) => gohighlevel.reply?.(outcome, deliver({}));

  test.each([
    ["an overload", refused({ retryAfterS: 30 }), "30"],
    ["a fault of ours", refused({ status: 500, code: "internal" }), "600"],
  ])("asks for a retry after %s in the only way it is heard", (_name, outcome, after) => {
    expect(replyTo(outcome)).toEqual({
      status: 429,
      headers: { "Retry-After": after },
      body: "Overloaded",
    });
  });

  test.each([
    ["what was taken", { kind: "taken" } as const],
    ["a forgery", refused({ status: 401, code: "unauthentic" })],
    ["too many", refused({ status: 429, code: "rate_limited" })],
  ])("leaves the answer to %s as it is", (_name, outcome) => {
    expect(replyTo(outcome)).toBeUndefined();
  });
});

const context = { tenant: "acme", source: "crm", options: {} };
const eventOf = (type: string, change: object = {}) => ({
  type,
  timestamp: "2026-07-25T17:20:43.000Z",
  webhookId: "w-1",
  locationId: "L1",
  ...change,
});
const read = (event: unknown, options = {}) => {
  const reading = gohighlevel.read(deliver({ body: JSON.stringify(event) }), {
    ...context,
    options,
  });
  expect(reading).toMatchObject({ kind: "items", items: [{}] });
  return reading.kind === "items" ? reading.items[0] : undefined;
};
const factOf = (event: unknown, options = {}) => {
  const item = read(event, options);
  return item?.kind === "event" ? { type: item.event.type, data: item.event.data } : item;
};

const contact = { id: "c1", email: "john@example.org", tags: ["lead"], assignedTo: "u1" };
const lead = {
  type: "lead.upserted",
  data: {
    crm: "gohighlevel:L1",
    object_id: "c1",
    owner_id: "u1",
    fields: { email: "john@example.org", tags: ["lead"], assignedTo: "u1" },
  },
};
const deal = {
  id: "o1",
  status: "won",
  pipelineStageId: "s1",
  monetaryValue: 40,
  assignedTo: null,
};
const order = { _id: "ord1", status: "completed", currency: "USD", amount: 150.1, liveMode: true };
const invoice = { _id: "inv1", status: "paid", currency: "usd", amountPaid: 999, total: 999 };

describe("gohighlevel, reading", () => {
  test("reads a contact from the payload GoHighLevel publishes", () => {
    const item = read(JSON.parse(payload("gohighlevel-contact-create.json")));
    expect(item).toMatchObject({
      id: "a1b2c3d4-0001",
      event: {
        type: "lead.upserted",
        rev: "1785000043000",
        data: {
          crm: "gohighlevel:ve9EPM428h8vShlRW1KT",
          object_id: "nmFmQEsNgz6AVpgLVUJ0",
          fields: { firstName: "John", customFields: [{ value: "XYZ" }] },
        },
      },
    });
    expect(item).not.toHaveProperty("event.data.fields.webhookId");
  });

  test.each(["ContactCreate", "ContactUpdate", "ContactTagUpdate", "ContactDndUpdate"])(
    "translates %s",
    (type) => {
      expect(factOf(eventOf(type, contact))).toEqual(lead);
    },
  );

  test.each([
    ["OpportunityStatusUpdate", "status", "won"],
    ["OpportunityStageUpdate", "pipelineStageId", "s1"],
    ["OpportunityMonetaryValueUpdate", "monetaryValue", 40],
    ["OpportunityAssignedToUpdate", "assignedTo", null],
  ])("translates %s", (type, field, value) => {
    expect(factOf(eventOf(type, deal))).toEqual({
      type: "crm.field_changed",
      data: {
        crm: "gohighlevel:L1",
        object: "opportunity",
        object_id: "o1",
        field,
        value,
        change_source: "unknown",
        actor: "unknown",
        occurred_at: "2026-07-25T17:20:43.000Z",
      },
    });
  });

  test.each<[string, object, object]>([
    [
      "OrderCreate",
      order,
      { payment_id: "ord1", order_id: "ord1", currency: "USD", amount_minor: 15_010 },
    ],
    [
      "OrderStatusUpdate",
      order,
      { payment_id: "ord1", order_id: "ord1", currency: "USD", amount_minor: 15_010 },
    ],
    [
      "OrderCreate",
      { ...order, currency: "JPY", amount: 1200 },
      { payment_id: "ord1", order_id: "ord1", currency: "JPY", amount_minor: 1200 },
    ],
    [
      "OrderCreate",
      { ...order, currency: "KWD", amount: 1.234 },
      { payment_id: "ord1", order_id: "ord1", currency: "KWD", amount_minor: 1234 },
    ],
    [
      "InvoicePaid",
      invoice,
      { payment_id: "inv1", order_id: "inv1", currency: "USD", amount_minor: 99_900 },
    ],
  ])("translates %s into a payment", (type, change, data) => {
    expect(factOf(eventOf(type, change))).toEqual({ type: "payment.confirmed", data });
  });

  test("translates a voided invoice", () => {
    expect(factOf(eventOf("InvoiceVoid", invoice))).toEqual({
      type: "order.cancelled",
      data: { order_id: "inv1", reason: "Invoice voided" },
    });
  });

  test.each<[string, object, RegExp]>([
    ["ContactDelete", contact, /privacy desk/],
    ["OrderCreate", { ...order, status: "pending" }, /pending, not completed/],
    ["OrderStatusUpdate", { ...order, status: undefined }, /unknown, not completed/],
    ["OrderCreate", { ...order, liveMode: false }, /test mode/],
    ["InvoicePaid", { ...invoice, liveMode: false }, /test mode/],
    ["InvoiceVoid", { ...invoice, liveMode: false }, /test mode/],
    ["InvoicePartiallyPaid", invoice, /InvoicePaid tells/],
    ["OpportunityCreate", deal, /No event of ours/],
    ["AppointmentCreate", {}, /No event of ours/],
    ["INSTALL", {}, /No event of ours/],
  ])("keeps %s with its reason", (type, change, message) => {
    expect(factOf(eventOf(type, change))).toMatchObject({
      id: "w-1",
      code: "unmapped",
      errors: [{ message: expect.stringMatching(message) }],
    });
  });

  test.each<[string, unknown, string]>([
    ["a contact without id", eventOf("ContactCreate"), "data.object_id"],
    [
      "an order without currency",
      eventOf("OrderCreate", { ...order, currency: undefined }),
      "data.currency",
    ],
    [
      "a fraction of a cent",
      eventOf("OrderCreate", { ...order, amount: 1.005 }),
      "data.amount_minor",
    ],
    ["no moment", eventOf("InvoicePaid", { ...invoice, timestamp: undefined }), "occurred_at"],
    [
      "a change at no moment",
      eventOf("OpportunityStatusUpdate", { ...deal, timestamp: undefined }),
      "occurred_at",
    ],
    ["no type", { webhookId: "w-1" }, "type"],
    ["no object", [], ""],
  ])("keeps %s, and says where", (_name, event, path) => {
    expect(factOf(event)).toMatchObject({
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  test("names an event by its webhook id, and one that has none by all it says", () => {
    const unnamed = eventOf("ContactCreate", { ...contact, webhookId: undefined });
    expect(read(unnamed)?.id).toMatch(/^ContactCreate:[\da-f]{32}$/);
    expect(read(unnamed)?.id).toBe(read(unnamed)?.id);
    expect(read({ ...unnamed, email: "x@example.org" })?.id).not.toBe(read(unnamed)?.id);
  });

  test("lets the source's own mapping say what it does not", () => {
    const rules = [
      {
        type: "lead.upserted",
        when: { $type: "AppointmentCreate" },
        fields: {
          crm: { value: "calendar" },
          object_id: "appointment.contactId",
          fields: { path: "appointment" },
        },
      },
    ];
    const event = eventOf("AppointmentCreate", { appointment: { contactId: "c1" } });
    expect(gohighlevel.checkOptions({ rules }, "ghl-ed25519")).toEqual([]);
    expect(factOf(event, { rules })).toMatchObject({ type: "lead.upserted" });
  });
});
