import { describe, expect, test } from "vitest";
import { activecampaign } from "#src/senders/activecampaign.ts";
import { conforms } from "./conformance.ts";
import { deliver, URL_CALLED, verifyBy } from "./deliver.ts";
import { samples } from "./samples/activecampaign.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const secret = "4f1c0e7d9a2b5c6d7e8f9a0b1c2d3e4f";

test.each([
  [`/${secret}`, "none"],
  [`?token=${secret}`, "none"],
  [`/${secret}?token=${secret}`, "token_invalid"],
  [`/${secret.toUpperCase()}`, "token_invalid"],
  ["", "token_missing"],
])("judges a token at %s: %s", async (place, reason) => {
  const delivery = deliver({ url: URL_CALLED + place });
  const result = await verifyBy(activecampaign, "url-token", delivery, { secrets: [secret] });
  expect(result.ok ? "none" : result.reason).toBe(reason);
});

const context = { tenant: "acme", source: "mail", options: {} };
const itemsOf = (body: string, options = {}) => {
  const reading = activecampaign.read(deliver({ body }), { ...context, options });
  if (reading.kind !== "items") throw new Error("Cannot be read");
  return reading.items;
};
const factsOf = (body: string, options = {}) =>
  itemsOf(body, options).map((item) =>
    item.kind === "event" ? { type: item.event.type, data: item.event.data } : item,
  );

const form = (change: Readonly<Record<string, string>>) =>
  new URLSearchParams({
    type: "update",
    date_time: "2026-07-25T12:20:43-05:00",
    initiated_from: "admin",
    initiated_by: "7",
    list: "0",
    "contact[id]": "101",
    "contact[email]": "ana@example.org",
    ...change,
  }).toString();

const lead = {
  type: "lead.upserted",
  data: { crm: "activecampaign", object_id: "101", fields: { email: "ana@example.org" } },
};
const onList = (value: string, change = {}) => ({
  type: "crm.field_changed",
  data: {
    crm: "activecampaign",
    object: "contact",
    object_id: "101",
    field: "list.3",
    value,
    change_source: "admin",
    actor: "7",
    occurred_at: "2026-07-25T17:20:43.000Z",
    ...change,
  },
});

describe("activecampaign, reading", () => {
  test("reads a contact from the form of an update", () => {
    expect(itemsOf(payload("activecampaign-contact-update.txt").trimEnd())).toEqual([
      {
        kind: "event",
        id: expect.stringMatching(/^update:101:2026-07-25T12:20:43-05:00:[\da-f]{32}$/),
        event: expect.objectContaining({
          source: "mail",
          type: "lead.upserted",
          key: "lead:activecampaign:101",
          occurredAtMs: Date.parse("2026-07-25T17:20:43Z"),
          rev: String(Date.parse("2026-07-25T17:20:43Z")),
          data: {
            crm: "activecampaign",
            object_id: "101",
            fields: {
              email: "ana@example.org",
              first_name: "Ana",
              tags: "lead, vip",
              fields: { 3: "Berlin" },
              ip: "127.0.0.1",
            },
          },
        }),
      },
    ]);
  });

  test.each(["update", "contact_tag_added", "contact_tag_removed", "subscribe"])(
    "reads %s of no list as the contact that it tells",
    (type) => {
      expect(factsOf(form({ type }))).toEqual([lead]);
      expect(factsOf(form({ type, list: "" }))).toEqual([lead]);
    },
  );

  test("reads a subscription as the contact and its list, each with an id of its own", () => {
    const body = form({ type: "subscribe", list: "3" });
    expect(factsOf(body)).toEqual([lead, onList("subscribed")]);
    const [first, second] = itemsOf(body);
    expect(second?.id).toBe(`${first?.id}:list.3`);
  });

  test("reads the end of a subscription as its list alone", () => {
    expect(factsOf(form({ type: "unsubscribe", list: "3" }))).toEqual([onList("unsubscribed")]);
    const nameless = new URLSearchParams(form({ type: "unsubscribe", list: "3" }));
    nameless.delete("initiated_from");
    nameless.delete("initiated_by");
    expect(factsOf(nameless.toString())).toEqual([
      onList("unsubscribed", { change_source: "unknown", actor: "unknown" }),
    ]);
  });

  test("stands under the name the source gives its account", () => {
    expect(activecampaign.checkOptions({ crm: "activecampaign:de" }, "url-token")).toEqual([]);
    const facts = factsOf(form({ type: "subscribe", list: "3" }), { crm: "activecampaign:de" });
    expect(facts).toMatchObject([
      { data: { crm: "activecampaign:de" } },
      { data: { crm: "activecampaign:de" } },
    ]);
  });

  test.each([
    ["a mail opened", form({ type: "open", "campaign[id]": "5" })],
    ["a deal", "type=deal_update&date_time=2026-07-25T12:20:43Z&deal[id]=1"],
    ["an update about nobody", "type=update&date_time=2026-07-25T12:20:43Z"],
    ["the end of no subscription", form({ type: "unsubscribe" })],
    ["a name every object has", form({ type: "__proto__" })],
  ])("keeps %s as unmapped", (_name, body) => {
    expect(factsOf(body)).toMatchObject([
      { kind: "broken", code: "unmapped", errors: [{ message: expect.any(String) }] },
    ]);
  });

  test("reads a deal by the source's rules", () => {
    const rule = {
      type: "order.cancelled",
      when: { $type: "deal_update", "deal.status": "2" },
      fields: { order_id: "deal.fields.8", reason: { value: "deal lost" } },
    };
    const body = form({ type: "deal_update", "deal[status]": "2", "deal[fields][8]": "O-7" });
    expect(factsOf(body, { rules: [rule] })).toEqual([
      { type: "order.cancelled", data: { order_id: "O-7", reason: "deal lost" } },
    ]);
  });

  test("names a repeated delivery the same, and another otherwise", () => {
    const idOf = (body: string) => itemsOf(body)[0]?.id;
    expect(idOf(form({}))).toBe(idOf(form({})));
    const ids = [
      {},
      { type: "contact_tag_added" },
      { "contact[id]": "102" },
      { date_time: "2026-07-25T12:20:44-05:00" },
      { "contact[email]": "ana.k@example.org" },
    ].map((change) => idOf(form(change)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    ["no type", "date_time=2026-07-25T12:20:43Z&contact[id]=1", "type"],
    ["two types", `${form({})}&type=open`, "type"],
    ["no moment", "type=update&contact[id]=1", "date_time"],
    ["a moment without an offset", form({ date_time: "2026-07-25 12:20:43" }), "occurred_at"],
    ["a contact without an id", "type=update&date_time=x&contact[email]=a", "contact.id"],
    ["a contact that is text", "type=update&date_time=x&contact=101", "contact"],
    ["JSON in place of a form", "{}", "type"],
  ])("keeps a form with %s for a person", (_name, body, path) => {
    expect(factsOf(body)).toMatchObject([
      {
        kind: "broken",
        code: "contract_violated",
        errors: expect.arrayContaining([expect.objectContaining({ path })]),
      },
    ]);
  });
});
