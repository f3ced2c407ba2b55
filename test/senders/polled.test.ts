import { describe, expect, test } from "vitest";
import { hubspot } from "#src/senders/hubspot.ts";
import { polled } from "#src/senders/polled.ts";
import { deliver } from "./deliver.ts";

const context = (options: object = {}) => ({
  tenant: "acme",
  source: "crm",
  options: JSON.parse(JSON.stringify(options)),
});

const read = (head: object, items: readonly object[], options: object = {}) => {
  const body = JSON.stringify({
    polled: {
      kind: "hubspot",
      as: "facts",
      account: "62515",
      stream: "s",
      object: "contacts",
      ...head,
    },
    items: items.map((item) => ({
      id: "1",
      version: "1785000000000",
      at_ms: 1_785_000_000_000,
      record: {},
      ...item,
    })),
  });
  const reading = polled.read(deliver({ body }), context(options));
  if (reading.kind !== "items") throw new Error(JSON.stringify(reading.errors));
  return reading.items;
};

describe("what was fetched", () => {
  test.each([
    {
      name: "a HubSpot contact",
      head: {},
      record: { id: "1", properties: { email: "a@x.example", hubspot_owner_id: "9" } },
      event: {
        type: "lead.upserted",
        rev: "1785000000000",
        data: { crm: "hubspot:62515", object_id: "1", owner_id: "9" },
      },
    },
    {
      name: "a Zoho lead",
      head: { kind: "zoho", object: "Leads" },
      record: { id: "1", Owner: { id: "7" }, Email: "a@x.example" },
      event: { type: "lead.upserted", data: { crm: "zoho:62515", owner_id: "7" } },
    },
    {
      name: "a Salesforce contact of a source of messages",
      head: { kind: "salesforce", object: "Contact" },
      record: { Id: "1", SystemModstamp: "2026-07-25T17:20:00.000+0000" },
      event: { type: "lead.upserted", rev: "1785000000000", data: { crm: "salesforce:62515" } },
    },
  ])("is $name, numbered by its change", ({ head, record, event }) => {
    expect(read(head, [{ record }])).toMatchObject([{ kind: "event", event }]);
  });

  test("has an id by record, version and content, and one by the source's rules too", () => {
    const ids = [{}, {}, { id: "2" }, { version: "2" }, { record: { properties: { a: "b" } } }].map(
      (item) => read({}, [item])[0]?.id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(4);
    const rules = [
      {
        type: "ticket.upserted",
        when: { $object: "tickets", $op: "u" },
        fields: {
          system: { value: "hubspot" },
          object_id: "$record_id",
          status: "properties.stage",
          subject_kind: { value: "support" },
        },
      },
    ];
    const record = { properties: { stage: "open" } };
    expect(read({ object: "tickets" }, [{ record }], { rules })).toMatchObject([
      { event: { type: "ticket.upserted", data: { object_id: "1", status: "open" } } },
    ]);
  });

  test.each([
    { name: "no id", head: {}, item: { id: "" }, code: "contract_violated" },
    { name: "an object of no event", head: { object: "deals" }, item: {}, code: "unmapped" },
    { name: "a deletion", head: {}, item: { deleted: true }, code: "unmapped" },
    {
      name: "a list without rules",
      head: { kind: "http", object: "stock" },
      item: {},
      code: "unmapped",
    },
  ])("is kept where it has $name", ({ head, item, code }) => {
    expect(read(head, [item])).toMatchObject([{ kind: "broken", code }]);
  });

  test("is a row of a table, at its moment or at a gap's place", () => {
    const head = { kind: "salesforce", as: "rows", object: "Contact" };
    const options = { tables: { Contact: { key: ["Id"] } } };
    const record = { Id: "1", attributes: { type: "Contact" } };
    expect(
      read(head, [{ record }, { record, rev: "77" }, { record, deleted: true }], options),
    ).toMatchObject([
      {
        event: {
          type: "cdc.row",
          epoch: 0,
          rev: "1785000000000",
          data: { op: "r", after: { Id: "1" } },
        },
      },
      { event: { epoch: 1, rev: "77" } },
      { event: { data: { op: "d" } } },
    ]);
  });
});

describe("a webhook of HubSpot that tells an id alone", () => {
  const poll = { kind: "hubspot", account: "62515", streams: [{ object: "contacts" }] };
  const kindOf = (change: object, options: object) => {
    const body = JSON.stringify([
      {
        eventId: 1,
        subscriptionId: 2,
        portalId: 62515,
        occurredAt: 1_785_000_000_000,
        objectId: 7,
        ...change,
      },
    ]);
    const reading = hubspot.read(deliver({ body }), context(options));
    const item = reading.kind === "items" ? reading.items[0] : undefined;
    return item?.kind === "event" ? [item.event.type, item.event.data["pks"]] : [item?.kind];
  };

  test.each([
    {
      name: "a creation",
      change: { subscriptionType: "contact.creation" },
      poll,
      kind: ["cdc.gap", ["7"]],
    },
    {
      name: "a generic creation",
      change: { subscriptionType: "object.creation", objectTypeId: "0-1" },
      poll,
      kind: ["cdc.gap", ["7"]],
    },
    {
      name: "a merge, by who is left",
      change: {
        subscriptionType: "contact.merge",
        objectId: 1,
        primaryObjectId: 8,
        newObjectId: 9,
      },
      poll,
      kind: ["cdc.gap", ["9"]],
    },
    {
      name: "a property, which is told",
      change: { subscriptionType: "contact.propertyChange", propertyName: "a", propertyValue: "b" },
      poll,
      kind: ["crm.field_changed", undefined],
    },
    {
      name: "what the source names",
      change: { subscriptionType: "contact.associationChange" },
      poll: { ...poll, hydrate: ["contact.associationChange"] },
      kind: ["cdc.gap", ["7"]],
    },
    {
      name: "what it does not name",
      change: { subscriptionType: "contact.creation" },
      poll: { ...poll, hydrate: [] },
      kind: ["lead.upserted", undefined],
    },
    {
      name: "an object without a stream",
      change: { subscriptionType: "deal.creation" },
      poll,
      kind: ["broken"],
    },
    {
      name: "another portal",
      change: { subscriptionType: "contact.creation", portalId: 1 },
      poll,
      kind: ["lead.upserted", undefined],
    },
    {
      name: "a source that is not polled",
      change: { subscriptionType: "contact.creation" },
      poll: undefined,
      kind: ["lead.upserted", undefined],
    },
  ])("$name", ({ change, poll: given, kind }) => {
    expect(kindOf(change, given === undefined ? {} : { poll: given })).toEqual(kind);
  });
});
