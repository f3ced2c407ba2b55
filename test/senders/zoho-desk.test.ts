import { describe, expect, test } from "vitest";
import { zohoDesk as sender } from "#src/senders/zoho-desk.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { bearerJwt } from "./samples/jwt.ts";
import { payload } from "./samples/payload.ts";
import { samples } from "./samples/zoho-desk.ts";

for (const sample of samples) conforms(sample);

const body = payload("zoho-desk-ticket-add.json");

interface DeskEvent {
  readonly eventType?: unknown;
  readonly eventTime?: unknown;
  readonly orgId?: unknown;
  readonly payload?: unknown;
  readonly prevState?: unknown;
}
const ticket = {
  id: "112233000000123",
  status: "Open",
  channel: "Email",
  modifiedTime: "2026-07-25T17:20:31.000Z",
};
const eventOf = (change: DeskEvent = {}): DeskEvent => ({
  payload: ticket,
  eventTime: "1785000031500",
  eventType: "Ticket_Update",
  orgId: "20060005",
  ...change,
});
const readText = (text: string, options: object = {}) => {
  const given = JSON.parse(JSON.stringify(options));
  expect(sender.checkOptions(given, "url-token")).toEqual([]);
  const context = { tenant: "acme", source: "desk", options: given };
  const reading = sender.read(deliver({ body: text }), context);
  if (reading.kind !== "items") throw new Error(JSON.stringify(reading));
  return reading.items;
};
const read = (events: readonly unknown[], options = {}) =>
  readText(JSON.stringify(events), options);
const factOf = (event: unknown, options = {}) => {
  const [item] = read([event], options);
  if (item?.kind !== "event") return item;
  const { type, rev, data, occurredAtMs } = item.event;
  return { type, rev, data, occurredAtMs };
};

describe("zoho-desk, reading", () => {
  test("reads the ticket of the fixture", () => {
    expect(readText(body)).toMatchObject([
      {
        kind: "event",
        id: expect.stringMatching(
          /^20060005:Ticket_Add:112233000000123:1785000031000:[\da-f]{32}$/,
        ),
        event: {
          type: "ticket.upserted",
          rev: "1785000031000",
          occurredAtMs: 1_785_000_031_000,
          data: {
            system: "zoho-desk:20060005",
            object_id: "112233000000123",
            status: "Open",
            subject_kind: "ticket",
          },
        },
      },
    ]);
  });

  test.each([
    [{ classification: "Problem", category: "Delivery" }, "Problem"],
    [{ classification: null, category: "Delivery" }, "Delivery"],
    [{ classification: "", category: "" }, "ticket"],
  ])("reads what a ticket with %j is about", (change, subject_kind) => {
    expect(factOf(eventOf({ payload: { ...ticket, ...change } }))).toMatchObject({
      data: { subject_kind },
    });
  });

  test("orders by the time of change, or that of the event", () => {
    expect(factOf(eventOf())).toMatchObject({
      rev: "1785000031000",
      occurredAtMs: 1_785_000_031_500,
    });
    const { modifiedTime: _modified, ...bare } = ticket;
    expect(factOf(eventOf({ payload: bare }))).toMatchObject({ rev: "1785000031500" });
    expect(factOf(eventOf({ eventTime: 1_785_000_031_500 }))).toMatchObject({
      occurredAtMs: 1_785_000_031_500,
    });
  });

  test.each(["Contact_Add", "Contact_Update"])("reads %s as a lead", (eventType) => {
    const contact = {
      id: "112233000000555",
      ownerId: "7",
      lastName: "Li",
      modifiedTime: "2026-07-25T17:20:31.000Z",
    };
    expect(factOf(eventOf({ eventType, payload: contact }))).toMatchObject({
      type: "lead.upserted",
      rev: "1785000031000",
      data: {
        crm: "zoho-desk:20060005",
        object_id: "112233000000555",
        owner_id: "7",
        fields: contact,
      },
    });
    const lead = factOf(eventOf({ eventType, payload: { ...contact, ownerId: null } }));
    expect(lead).not.toHaveProperty("data.owner_id");
  });

  test.each(["Ticket_Delete", "Ticket_Comment_Add", "Contact_Delete", "Task_Add", "Agent_Update"])(
    "keeps %s for a person",
    (eventType) => {
      expect(read([eventOf({ eventType })])).toMatchObject([
        { code: "unmapped", type: eventType, errors: [{ path: "type" }] },
      ]);
    },
  );

  test("takes the distributor and a deletion from where the source says", () => {
    const options = {
      fields: { "ticket.upserted": { distributor_id: "payload.cf.cf_distributor_id" } },
      rules: [
        {
          type: "ticket.upserted",
          when: { $type: "Ticket_Delete" },
          fields: {
            system: { value: "zoho-desk" },
            object_id: "payload.id",
            status: { value: "Deleted" },
            subject_kind: { value: "ticket" },
          },
        },
      ],
    };
    const told = eventOf({ payload: { ...ticket, cf: { cf_distributor_id: "D-7" } } });
    expect(factOf(told, options)).toMatchObject({ data: { distributor_id: "D-7" } });
    expect(factOf(eventOf({ eventType: "Ticket_Delete" }), options)).toMatchObject({
      rev: "1785000031500",
      data: { status: "Deleted" },
    });
  });

  test("says which field of a ticket is missing", () => {
    expect(factOf(eventOf({ payload: { id: "1" } }))).toMatchObject({
      code: "contract_violated",
      errors: [{ path: "data.status" }],
    });
  });

  test.each([
    ["no payload", { payload: undefined }, "payload"],
    ["a time in words", { eventTime: "now" }, "eventTime"],
    ["a time below zero", { eventTime: -1 }, "eventTime"],
    ["no organisation", { orgId: undefined }, "orgId"],
    ["no type", { eventType: "" }, "eventType"],
  ])("leaves an entry with %s alone", (_name, change, path) => {
    const items = read([eventOf(), eventOf(change), eventOf({ eventTime: "1" })]);
    expect(items.map(({ kind }) => kind)).toEqual(["event", "broken", "event"]);
    expect(items[1]).toMatchObject({ code: "contract_violated", errors: [{ path }] });
  });
});

describe("zoho-desk, identity", () => {
  const idOf = (change: DeskEvent = {}) => read([eventOf(change)])[0]?.id;

  test("is the same for the same, whatever was before", () => {
    expect(idOf({ prevState: { status: "New" } })).toBe(idOf());
  });

  test.each([
    { eventType: "Ticket_Add" },
    { eventTime: "1785000031501" },
    { orgId: "7" },
    { payload: { ...ticket, id: "2" } },
    { payload: { ...ticket, status: "Closed" } },
  ])("is another for %j", (change) => {
    expect(idOf(change)).not.toBe(idOf());
  });
});

describe("zoho-desk, answering", () => {
  test("answers exactly 200, and never says that it is gone", () => {
    expect(sender.reply?.({ kind: "taken" }, deliver({}))).toEqual({ status: 200 });
    const refused = { kind: "refused", status: 401, code: "unauthentic", title: "x" } as const;
    expect(sender.reply?.(refused, deliver({}))).toBeUndefined();
  });

  test("answers the call that a webhook is saved by, and nothing else unproven", async () => {
    const auth = { scheme: "url-token", secrets: [] };
    expect(sender.greetMethods).toEqual(["GET"]);
    expect(await sender.greet?.(deliver({ method: "GET" }), auth)).toEqual({ status: 200 });
    expect(await sender.greet?.(deliver({ method: "POST" }), auth)).toBeUndefined();
  });
});

const { headers } = await bearerJwt.sign({
  secret: bearerJwt.signingSecret,
  method: "POST",
  url: "https://hooks.example.net",
  body,
  atMs: RECEIVED_AT_MS,
  headers: {},
});
const { authorization = "" } = headers;
const token = authorization.slice("Bearer ".length);

describe("zoho-desk-jwt", () => {
  const judge = (given: Readonly<Record<string, string>>) =>
    verifyBy(sender, "zoho-desk-jwt", deliver({ headers: given, body }), {
      secrets: [bearerJwt.secret],
    });

  test("believes the token in its own header alone", async () => {
    expect(await judge({ "X-ZDesk-JWT": token })).toMatchObject({ ok: true });
    expect(await judge({ "X-ZDesk-JWT": token, authorization: "Bearer x" })).toMatchObject({
      ok: true,
    });
    expect(await judge({ authorization })).toMatchObject({ reason: "token_missing" });
    expect(await judge({ "X-ZDesk-JWT": authorization })).toMatchObject({ ok: false });
    expect(await judge({ "X-ZDesk-JWT": `${token}, ${token}` })).toMatchObject({ ok: false });
  });
});
