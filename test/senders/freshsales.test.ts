import { describe, expect, test } from "vitest";
import { freshsales } from "#src/senders/freshsales.ts";
import { conforms } from "./conformance.ts";
import { deliver } from "./deliver.ts";
import { samples } from "./samples/freshsales.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "crm", options: {} };
const itemOf = (body: unknown, options = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reading = freshsales.read(deliver({ body: text }), { ...context, options });
  if (reading.kind !== "items") throw new Error("Cannot be read");
  const [item, ...others] = reading.items;
  expect(others).toEqual([]);
  return item;
};
const factOf = (body: unknown, options = {}) => {
  const item = itemOf(body, options);
  return item?.kind === "event" ? { type: item.event.type, data: item.event.data } : item;
};

const updatedAt = "2026-07-25T17:20:43Z";
const contact = { contact_id: 70_001, contact_email: "ana@example.org" };

describe("freshsales, reading", () => {
  test("reads a contact from the body our template composes", () => {
    expect(itemOf(payload("freshsales-workflow-contact.json"))).toEqual({
      kind: "event",
      id: expect.stringMatching(/^contact:70001:2026-07-25T17:20:43Z:[\da-f]{32}$/),
      event: expect.objectContaining({
        source: "crm",
        type: "lead.upserted",
        key: "lead:freshsales:70001",
        occurredAtMs: Date.parse(updatedAt),
        rev: String(Date.parse(updatedAt)),
        data: {
          crm: "freshsales",
          object_id: "70001",
          fields: {
            first_name: "Ana",
            email: "ana@example.org",
            lifecycle_stage: "Lead",
            updated_at: updatedAt,
          },
        },
      }),
    });
  });

  test("reads a lead with its owner, under the name the source gives its account", () => {
    const lead = { lead_id: "9", lead_owner_id: 5, lead_city: "Ulm", lead_updated_at: updatedAt };
    expect(freshsales.checkOptions({ crm: "freshsales:eu" }, "basic")).toEqual([]);
    expect(factOf({ ...lead, campaign: "x" }, { crm: "freshsales:eu" })).toEqual({
      type: "lead.upserted",
      data: {
        crm: "freshsales:eu",
        object_id: "9",
        owner_id: "5",
        fields: { owner_id: 5, city: "Ulm", updated_at: updatedAt },
      },
    });
  });

  test.each([
    ["a deal", { deal_id: 3, ...contact }],
    ["an account", { account_id: "3", ...contact }],
  ])("keeps %s as unmapped, whoever else it names", (_name, body) => {
    expect(factOf(body)).toMatchObject({
      kind: "broken",
      code: "unmapped",
      errors: [{ path: "type", rule: "unmapped", message: expect.any(String) }],
    });
  });

  test("reads a deal by the source's rules", () => {
    const rule = {
      type: "payment.confirmed",
      when: { $kind: "deal", deal_stage: "Won" },
      fields: {
        payment_id: { path: "deal_id", as: "text" },
        order_id: "deal_order_no",
        currency: "deal_currency",
        amount_minor: { path: "deal_amount", as: "decimal" },
      },
    };
    const body = {
      deal_id: 3,
      deal_stage: "Won",
      deal_order_no: "O-7",
      deal_updated_at: updatedAt,
    };
    for (const [currency, amount, minor] of [
      ["EUR", "125.50", 12_550],
      ["JPY", 400, 400],
      ["KWD", 5.125, 5125],
    ] as const) {
      const deal = { ...body, deal_currency: currency, deal_amount: amount };
      expect(factOf(deal, { rules: [rule] })).toEqual({
        type: "payment.confirmed",
        data: { payment_id: "3", order_id: "O-7", currency, amount_minor: minor },
      });
    }
  });

  test("names the same call the same, and another otherwise", () => {
    const body = { ...contact, contact_updated_at: updatedAt };
    expect(itemOf(body)?.id).toBe(itemOf(body)?.id);
    const ids = [
      body,
      { ...body, contact_email: "ana.k@example.org" },
      { ...body, contact_id: 70_002 },
      { ...body, contact_updated_at: "2026-07-25T17:20:44Z" },
      { ...body, lead_id: 70_001 },
    ].map((one) => itemOf(one)?.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    ["no moment", contact, "occurred_at"],
    [
      "a moment as people write it",
      { ...contact, contact_updated_at: "25 Jul 2026" },
      "occurred_at",
    ],
    ["no record", { email: "ana@example.org" }, ""],
    ["an empty record", { contact_id: "" }, ""],
    ["a list", [contact], ""],
    ["text", '"x"', ""],
  ])("keeps a body with %s for a person", (_name, body, path) => {
    expect(factOf(body)).toMatchObject({
      kind: "broken",
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });
});
