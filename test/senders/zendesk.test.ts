import { describe, expect, test } from "vitest";
import { zendesk } from "#src/senders/zendesk.ts";
import { signZendesk } from "../../scripts/signing/zendesk.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { payload } from "./samples/payload.ts";
import { samples, secret } from "./samples/zendesk.ts";

for (const sample of samples) conforms(sample);

const body = payload("zendesk-ticket-status-changed.json");
const timestamp = "2026-07-25T17:20:00Z";
const SIGNATURE = "x-zendesk-webhook-signature";

const judge = async (headers: Readonly<Record<string, string>>, text = body) =>
  verifyBy(zendesk, "zendesk-hmac", deliver({ headers, body: text }), { secrets: [secret] });

describe("zendesk", () => {
  test("signs the moment as it is written, to whatever digit", async () => {
    expect(Date.parse(timestamp)).toBe(RECEIVED_AT_MS);
    for (const written of [timestamp, "2026-07-25T17:20:00.104Z", "2026-07-25T19:20:00+02:00"]) {
      const headers = await signZendesk({ secret, timestamp: written, body });
      expect(await judge(headers)).toMatchObject({ ok: true });
    }
  });

  test("believes an empty body: a trigger may send none", async () => {
    const headers = await signZendesk({ secret, timestamp, body: "" });
    expect(await judge(headers, "")).toMatchObject({ ok: true });
  });

  test.each([
    ["a point between moment and body", `${timestamp}.`, ""],
    ["the body before the moment", "", timestamp],
    ["the body alone", "", ""],
  ])("refuses a signature over %s", async (_name, before, after) => {
    const wrong = await signZendesk({ secret, timestamp: before, body: body + after });
    const headers = { ...wrong, "x-zendesk-webhook-signature-timestamp": timestamp };
    expect(await judge(headers)).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test("refuses hex, base64url, and a key that was decoded", async () => {
    const headers = await signZendesk({ secret, timestamp, body });
    const bytes = Buffer.from(headers[SIGNATURE] ?? "", "base64");
    for (const [form, reason] of [
      [bytes.toString("hex"), "signature_mismatch"],
      [bytes.toString("base64url"), "signature_malformed"],
    ] as const) {
      const changed = { ...headers, [SIGNATURE]: form };
      expect(await judge(changed)).toMatchObject({ ok: false, reason });
    }
    const decoded = Buffer.from(secret, "base64").toString("latin1");
    const other = await signZendesk({ secret: decoded, timestamp, body });
    expect(await judge(other)).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test.each([
    ["1785000000", "timestamp_malformed"],
    ["2026-07-25", "timestamp_malformed"],
    ["2026-07-25T17:20:00", "timestamp_malformed"],
    ["2026-07-25T17:14:59Z", "timestamp_old"],
    ["2026-07-25T17:25:01Z", "timestamp_future"],
  ])("refuses the moment %s", async (written, reason) => {
    const headers = await signZendesk({ secret, timestamp: written, body });
    expect(await judge(headers)).toMatchObject({ ok: false, reason });
  });

  test("names the secret that Zendesk has published, and stores none that is short", () => {
    const { checkSecret, published } = zendesk.schemes["zendesk-hmac"] ?? {};
    expect(published).toEqual(["dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="]);
    expect(checkSecret?.("short")).toMatch(/characters/);
    expect(checkSecret?.(secret)).toBeUndefined();
  });
});

const context = { tenant: "acme", source: "desk", options: {} };
const itemOf = (input: unknown, options = {}, headers = {}) => {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  const reading = zendesk.read(deliver({ body: text, headers }), { ...context, options });
  if (reading.kind !== "items") throw new Error("Cannot be read");
  const [item, ...others] = reading.items;
  expect(others).toEqual([]);
  return item;
};
const factOf = (input: unknown, options = {}, headers = {}) => {
  const item = itemOf(input, options, headers);
  return item?.kind === "event" ? { type: item.event.type, data: item.event.data } : item;
};

const detail = { id: "35", status: "OPEN", updated_at: "2026-07-25T17:20:42Z" };
const eventOf = (change: object, about: object = {}) => ({
  type: "zen:event-type:ticket.created",
  account_id: 22_129_848,
  id: "2b24ef10-19d3-4740-93cf-8f98ec4776c0",
  time: "2026-07-25T17:20:43.104Z",
  zendesk_event_version: "2022-11-06",
  subject: "zen:ticket:35",
  detail: { ...detail, ...about },
  event: {},
  ...change,
});

describe("zendesk, reading", () => {
  test("reads a ticket from the payload Zendesk publishes", () => {
    expect(itemOf(body)).toEqual({
      kind: "event",
      id: "2b24ef10-19d3-4740-93cf-8f98ec4776c0",
      event: expect.objectContaining({
        source: "desk",
        type: "ticket.upserted",
        key: "ticket:zendesk%3A22129848:35",
        occurredAtMs: Date.parse("2026-07-25T17:20:43.104Z"),
        rev: String(Date.parse("2026-07-25T17:20:43.104Z")),
        data: {
          system: "zendesk:22129848",
          object_id: "35",
          status: "OPEN",
          subject_kind: "support",
        },
      }),
    });
  });

  test.each([
    "created",
    "priority_changed",
    "comment_added",
    "agent_assignment_changed",
    "marked_as_spam",
    "soft_deleted",
    "merged",
  ])("reads ticket.%s as the ticket that it tells", (verb) => {
    const event = eventOf({ type: `zen:event-type:ticket.${verb}` }, { type: "INCIDENT" });
    const data = { system: "zendesk:22129848", object_id: "35", status: "OPEN" };
    expect(factOf(event)).toEqual({
      type: "ticket.upserted",
      data: { ...data, subject_kind: "INCIDENT" },
    });
  });

  test("numbers two updates of one second apart, the later one higher", () => {
    const revOf = (time: string) => {
      const item = itemOf(eventOf({ time }));
      return item?.kind === "event" ? Number(item.event.rev) : Number.NaN;
    };
    expect(revOf("2026-07-25T17:20:42.900Z") - revOf("2026-07-25T17:20:42.100Z")).toBe(800);
  });

  test("takes the ticket's moment where the event tells none", () => {
    const item = itemOf(eventOf({ time: "soon" }));
    expect(item).toMatchObject({ event: { occurredAtMs: Date.parse("2026-07-25T17:20:42Z") } });
  });

  test.each([
    ["a user", eventOf({ type: "zen:event-type:user.active_changed" })],
    ["an organization", eventOf({ type: "zen:event-type:organization.created" })],
    ["a ticket without a status", eventOf({}, { status: null })],
    ["a ticket without an id", eventOf({}, { id: undefined })],
    ["a body that a trigger composed", { ticket_id: 35, status: "solved" }],
    ["a body that has a type of its own", { type: "ticket.solved", id: 35 }],
    ["a type that cannot be text", { type: { toString: 1 } }],
    ["a list of such a type", { type: [{ toString: 1 }] }],
  ])("keeps %s as unmapped", (_name, input) => {
    expect(factOf(input)).toMatchObject({
      kind: "broken",
      code: "unmapped",
      errors: [{ path: "type", rule: "unmapped", message: expect.any(String) }],
    });
  });

  const trigger = {
    ticket_id: 35,
    status: "solved",
    distributor: "D-7",
    kind: "commission",
    updated_at: "2026-07-25T17:20:42Z",
  };
  const rule = {
    type: "ticket.upserted",
    when: { $type: "trigger" },
    fields: {
      system: { value: "zendesk" },
      object_id: { path: "ticket_id", as: "text" },
      status: "status",
      subject_kind: "kind",
      distributor_id: "distributor",
    },
  };

  test("reads a trigger's body by the source's rules", () => {
    const options = { rules: [rule] };
    expect(zendesk.checkOptions(JSON.parse(JSON.stringify(options)), "zendesk-hmac")).toEqual([]);
    expect(factOf(trigger, options)).toEqual({
      type: "ticket.upserted",
      data: {
        system: "zendesk",
        object_id: "35",
        status: "solved",
        subject_kind: "commission",
        distributor_id: "D-7",
      },
    });
    expect(factOf({ ...trigger, updated_at: undefined }, options)).toMatchObject({
      code: "contract_violated",
      errors: [{ path: "occurred_at" }],
    });
  });

  const asXml = `<?xml version="1.0" encoding="UTF-8"?>
<ticket>
  <ticket_id>35</ticket_id> <status>solved</status> <distributor>D-7</distributor>
  <kind>commission</kind> <updated_at>2026-07-25T17:20:42Z</updated_at>
  <tag>a</tag> <tag><![CDATA[b & c]]></tag> <group><name>Payouts</name></group>
</ticket>`;
  const asForm = new URLSearchParams({ ...trigger, ticket_id: "35", "group[name]": "Payouts" });
  asForm.append("tag", "a");
  asForm.append("tag", "b & c");

  test.each([
    ["XML", asXml],
    ["XML behind a byte order mark", `\uFEFF${asXml}`],
    ["a form", asForm.toString()],
  ])("reads a trigger's %s as it reads its JSON", (_name, text) => {
    expect(factOf(text, { rules: [rule] })).toEqual(factOf(trigger, { rules: [rule] }));
    const asked = {
      ...rule,
      when: { $type: "trigger", "tag[1]": "b & c", "group.name": "Payouts" },
    };
    expect(factOf(text, { rules: [asked] })).toMatchObject({ type: "ticket.upserted" });
    expect(itemOf(text)).toMatchObject({ code: "unmapped", type: "trigger" });
    const headers = { "X-Zendesk-Webhook-Invocation-Id": "01J8ZQ5AAAA" };
    expect(itemOf(text, {}, headers)?.id).toMatch(/^01J8ZQ5AAAA:[\da-f]{32}$/);
  });

  test.each([
    ["XML that is cut short", asXml.slice(0, -3)],
    ["XML with a document type", `<!DOCTYPE ticket [<!ENTITY a "b">]>${asXml.slice(39)}`],
    ["a form whose codes are broken", "ticket_id=%zz"],
    ["text", "The ticket is solved"],
  ])("refuses %s", (_name, text) => {
    expect(zendesk.read(deliver({ body: text }), context).kind).toBe("malformed");
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("reads what comes by %s", (method) => {
    const reading = zendesk.read(deliver({ method, body: JSON.stringify(trigger) }), context);
    expect(reading).toMatchObject({ items: [{ code: "unmapped", type: "trigger" }] });
    expect(zendesk.methods).toContain(method);
  });

  test("adds a distributor to a ticket", () => {
    const options = { fields: { "ticket.upserted": { distributor_id: "detail.external_id" } } };
    const data = { distributor_id: "D-7" };
    expect(factOf(eventOf({}, { external_id: "D-7" }), options)).toMatchObject({ data });
  });

  test("names a trigger's call by its invocation and what it says", () => {
    const invoked = (id: string, input: unknown = trigger) =>
      itemOf(input, {}, { "X-Zendesk-Webhook-Invocation-Id": id })?.id;
    expect(invoked("01J8ZQ5AAAA")).toBe(invoked("01J8ZQ5AAAA"));
    expect(invoked("01J8ZQ5AAAA")).toMatch(/^01J8ZQ5AAAA:[\da-f]{32}$/);
    expect(invoked("01J8ZQ5BBBB")).not.toBe(invoked("01J8ZQ5AAAA"));
    expect(invoked("01J8ZQ5AAAA", { ...trigger, status: "open" })).not.toBe(invoked("01J8ZQ5AAAA"));
    expect(itemOf(trigger)?.id).toMatch(/^trigger:[\da-f]{32}$/);
  });

  test.each([
    ["no account", eventOf({ account_id: undefined }), "account_id"],
    ["no detail", eventOf({ detail: null }), "detail"],
    ["an id too long", eventOf({ id: "x".repeat(129) }), "id"],
    ["no moment at all", eventOf({ time: "soon" }, { updated_at: "never" }), "occurred_at"],
    ["a list", [eventOf({})], ""],
    ["a number", 7, ""],
  ])("keeps an event with %s for a person", (_name, input, path) => {
    expect(factOf(input)).toMatchObject({
      kind: "broken",
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  test("takes a call without a body, as a trigger may make one, without keeping it", () => {
    const reading = zendesk.read(deliver({ method: "GET" }), context);
    expect(reading).toEqual({ kind: "items", items: [], ignored: expect.any(String) });
    expect(zendesk.read(deliver({ body: "" }), context).kind).toBe("malformed");
  });
});
