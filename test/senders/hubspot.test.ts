import { describe, expect, test } from "vitest";
import { hubspot } from "#src/senders/hubspot.ts";
import { signHubspotV1, signHubspotV2, signHubspotV3 } from "../../scripts/signing.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, URL_CALLED, type Request, verifyBy } from "./deliver.ts";
import { samples, secret } from "./samples/hubspot.ts";
import { payload as file } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const payload = (name: string) => file(`${name}.json`);
const body = payload("hubspot-contact-batch");

const judge = async (scheme: string, request: Request, url?: string) =>
  verifyBy(hubspot, scheme, deliver({ body, ...request }), {
    secrets: [secret],
    ...(url === undefined ? {} : { url }),
  });
const signed = async (url: string) =>
  signHubspotV3({ secret, method: "POST", url, body, timestampMs: RECEIVED_AT_MS });

describe("hubspot", () => {
  test("names a workflow action by GET alike when it comes again, and is read from the archive", () => {
    const context = { tenant: "acme", source: "crm", options: {} };
    const idsOf = (request: Request) => {
      const reading = hubspot.read(deliver({ method: "GET", ...request }), context);
      return reading.kind === "items" ? reading.items.map(({ id }) => id) : [];
    };
    const [id] = idsOf({ url: `${URL_CALLED}?contact=1` });
    expect(id).toEqual(expect.any(String));
    const again = { url: `${URL_CALLED}?contact=1`, receivedAtMs: RECEIVED_AT_MS + 60_000 };
    expect(idsOf(again)).toEqual([id]);
    // Queries are not kept.
    expect(idsOf({ url: URL_CALLED })).toEqual([id]);
  });

  test.each(["hubspot-v2", "hubspot-v1"])("does not fall back to a genuine %s", async (older) => {
    const sign = older === "hubspot-v2" ? signHubspotV2 : signHubspotV1;
    const headers = await sign({ secret, method: "POST", url: URL_CALLED, body });
    expect(await judge(older, { headers })).toMatchObject({ ok: true });
    const result = await judge("hubspot-v3", { headers });
    expect(result).toMatchObject({ ok: false, reason: "signature_missing" });
  });

  test.each([
    ["hubspot-v2", signHubspotV2],
    ["hubspot-v1", signHubspotV1],
  ])("refuses %s in capital letters, which HubSpot does not write", async (scheme, sign) => {
    const headers = await sign({ secret, method: "POST", url: URL_CALLED, body });
    const capital = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.toUpperCase()]),
    );
    expect(capital).not.toEqual(headers);
    expect(await judge(scheme, { headers })).toMatchObject({ ok: true });
    expect(await judge(scheme, { headers: capital })).toMatchObject({
      ok: false,
      reason: "signature_malformed",
    });
  });

  test.each([
    ["every code that is decoded", "?q=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B", "?q=:/?@!$'()*,;"],
    ["codes that stay", "?q=%20%26%3D%25%2B%C3%A9", "?q=%20%26%3D%25%2B%C3%A9"],
    ["lower case, which stays", "?q=%3a%2f", "?q=%3a%2f"],
    ["a code within a code, which stays", "?q=%253A", "?q=%253A"],
  ])("signs %s", async (_name, called, written) => {
    const text = `POST${URL_CALLED}${written}${body}${RECEIVED_AT_MS}`;
    const utf8 = new TextEncoder();
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, [
      "sign",
    ]);
    const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(text));
    const headers = {
      "X-HubSpot-Signature-v3": Buffer.from(signature).toString("base64"),
      "X-HubSpot-Request-Timestamp": `${RECEIVED_AT_MS}`,
    };
    const result = await judge("hubspot-v3", { url: `${URL_CALLED}${called}`, headers });
    expect(result).toMatchObject({ ok: true });
  });

  test.each([
    [
      "its query is the delivery's",
      "https://public.example/hook?a=1",
      "https://public.example/hook",
    ],
    [
      "it has a query of its own",
      "https://public.example/hook?b=2",
      "https://public.example/hook?b=2",
    ],
  ])("believes what was signed for the public URL: %s", async (_name, known, configured) => {
    const request = { url: "http://internal:8080/x?a=1", headers: await signed(known) };
    expect(await judge("hubspot-v3", request, configured)).toMatchObject({ ok: true });
    expect(await judge("hubspot-v3", request)).toMatchObject({ ok: false });
  });

  test("refuses seconds where milliseconds are signed", async () => {
    const timestampMs = RECEIVED_AT_MS / 1000;
    const headers = await signHubspotV3({
      secret,
      method: "POST",
      url: URL_CALLED,
      body,
      timestampMs,
    });
    expect(await judge("hubspot-v3", { headers })).toMatchObject({ reason: "timestamp_old" });
  });
});

const context = { tenant: "acme", source: "crm", options: {} };
const itemsOf = (value: unknown) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const reading = hubspot.read(deliver({ body: text }), context);
  return reading.kind === "items" ? reading.items : [];
};
const change = {
  eventId: 1,
  subscriptionId: 25_002,
  portalId: 24_455_667,
  occurredAt: 1_785_000_002_001,
  subscriptionType: "contact.propertyChange",
  attemptNumber: 0,
  objectId: 60_001,
  propertyName: "lifecyclestage",
  propertyValue: "lead",
  changeSource: "CRM_UI",
  sourceId: "userId:88",
};

describe("hubspot, reading", () => {
  test("reads contacts created and changed from the payload HubSpot publishes", () => {
    expect(itemsOf(body)).toEqual([
      {
        kind: "event",
        id: expect.stringMatching(/^24455667-25001-60001--1785000001123-3816279340-[\da-f]{32}$/),
        event: expect.objectContaining({
          type: "lead.upserted",
          source: "crm",
          occurredAtMs: 1_785_000_001_123,
          rev: "1785000001123",
          data: expect.objectContaining({
            crm: "hubspot:24455667",
            object_id: "60001",
            fields: {},
          }),
        }),
      },
      {
        kind: "event",
        id: expect.stringMatching(/^24455667-25002-60001-lifecyclestage-1785000002001-3816279340-/),
        event: expect.objectContaining({
          type: "crm.field_changed",
          rev: "1785000002001",
          data: {
            crm: "hubspot:24455667",
            object: "contact",
            object_id: "60001",
            field: "lifecyclestage",
            value: "lead",
            change_source: "CRM_UI",
            actor: "userId:88",
            occurred_at: "2026-07-25T17:20:02.001Z",
          },
        }),
      },
      {
        kind: "event",
        id: expect.stringMatching(/^99887766-/),
        event: expect.objectContaining({
          type: "crm.field_changed",
          data: expect.objectContaining({ crm: "hubspot:99887766", field: "email" }),
        }),
      },
    ]);
  });

  test("gives each property of a contact a key of its own", () => {
    const items = itemsOf([change, { ...change, propertyName: "email", eventId: 2 }]);
    const keys = items.map((item) => (item.kind === "event" ? item.event.key : item));
    expect(new Set(keys).size).toBe(2);
  });

  test("reads a generic contact and a single event as well", () => {
    const generic = { ...change, subscriptionType: "object.propertyChange", objectTypeId: "0-1" };
    expect(itemsOf(generic)).toMatchObject([{ event: { type: "crm.field_changed" } }]);
  });

  test("reads the type where HubSpot calls it eventType", () => {
    const { subscriptionType, ...rest } = change;
    expect(itemsOf({ ...rest, eventType: subscriptionType })).toMatchObject([{ kind: "event" }]);
  });

  const idOf = (difference: object) => itemsOf([{ ...change, ...difference }])[0]?.id;
  test("gives a retry the same id", () => {
    expect(idOf({ attemptNumber: 3 })).toBe(idOf({}));
  });

  test.each([
    { eventId: 2 },
    { subscriptionId: 9 },
    { portalId: 9 },
    { objectId: 9 },
    { occurredAt: 9 },
    { propertyName: "email" },
    { propertyValue: "customer" },
    { propertyName: "p".repeat(200) },
  ])("gives another change another id: %j", (difference) => {
    expect(idOf(difference)).not.toBe(idOf({}));
    expect(idOf(difference)?.length).toBeLessThanOrEqual(128);
  });

  const merge = {
    ...change,
    subscriptionType: "contact.merge",
    propertyName: undefined,
    propertyValue: undefined,
    primaryObjectId: 60_001,
    mergedObjectIds: [60_007],
    newObjectId: 60_120,
  };
  const association = {
    ...merge,
    subscriptionType: "contact.associationChange",
    objectId: undefined,
    fromObjectId: 60_001,
    toObjectId: 7001,
    associationType: "CONTACT_TO_COMPANY",
    associationRemoved: false,
    isPrimaryAssociation: true,
  };
  test.each([
    [merge, { mergedObjectIds: [60_009] }],
    [merge, { newObjectId: 60_121 }],
    [merge, { primaryObjectId: 60_002 }],
    [association, { associationType: "CONTACT_TO_COMPANY_UNLABELED" }],
    [association, { isPrimaryAssociation: false }],
    [association, { associationRemoved: true }],
  ])("tells two of one batch apart by what they add (%#)", (told, difference) => {
    const ids = itemsOf([told, { ...told, ...difference }, { ...told, attemptNumber: 4 }]).map(
      ({ id }) => id,
    );
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids[0]).toBe(ids[2]);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(128);
  });

  test.each([
    ["a deal", payload("hubspot-object-generic"), 1],
    ["a merge, an association and an erasure", payload("hubspot-merge-and-association"), 3],
    ["a ticket", [{ ...change, subscriptionType: "ticket.creation", objectTypeId: "0-5" }], 1],
    ["a deleted contact", [{ ...change, subscriptionType: "contact.deletion" }], 1],
  ])("keeps %s as unmapped", (_name, value, count) => {
    const items = itemsOf(value);
    expect(items).toHaveLength(count);
    for (const item of items) {
      expect(item).toMatchObject({ kind: "broken", code: "unmapped", errors: [{ path: "type" }] });
    }
  });

  test("says that an erasure was asked for", () => {
    expect(JSON.stringify(itemsOf(payload("hubspot-merge-and-association"))[2])).toContain("erase");
  });

  test("keeps one unreadable entry to itself", () => {
    expect(itemsOf([change, { portalId: 1 }, null])).toMatchObject([
      { kind: "event" },
      { kind: "broken", code: "contract_violated", id: expect.stringMatching(/^unreadable-/) },
      { kind: "broken", code: "contract_violated", id: expect.stringMatching(/^unreadable-/) },
    ]);
  });

  test.each([
    [0, "malformed"],
    [1, "items"],
    [100, "items"],
    [101, "malformed"],
  ])("reads a batch of %d as %s", (length, kind) => {
    const text = JSON.stringify(Array.from({ length }, () => change));
    expect(hubspot.read(deliver({ body: text }), context).kind).toBe(kind);
  });
});
