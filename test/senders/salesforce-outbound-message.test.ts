import { describe, expect, test } from "vitest";
import { salesforceOutboundMessage as sender } from "#src/senders/salesforce-outbound-message.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import { payload } from "./samples/payload.ts";
import { names, samples } from "./samples/salesforce-outbound-message.ts";

for (const sample of samples) conforms(sample);

const ORGANIZATION = "00D5e000000AbCdEAK";
const SESSION = "00D5e000000AbCd!AQ4AQLiveSessionThatNobodyMaySee";
const XSI = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;

const notification = (id: string, type: string, fields: string) =>
  `<Notification><Id>${id}</Id><sObject xsi:type="sf:${type}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">${fields}</sObject></Notification>`;
const message = (...notifications: readonly string[]) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" ${XSI}><e:Body>` +
  `<notifications xmlns="http://soap.sforce.com/2005/09/outbound">` +
  `<OrganizationId>${ORGANIZATION}</OrganizationId><ActionId>04k5e000000QwErAAK</ActionId>` +
  `<SessionId>${SESSION}</SessionId><EnterpriseUrl>https://x</EnterpriseUrl>` +
  `${notifications.join("")}</notifications></e:Body></e:Envelope>`;
const read = (body: string, options = {}) =>
  sender.read(deliver({ body }), { tenant: "acme", source: "crm", options });
const itemsIn = (body: string, options = {}) => {
  const reading = read(body, options);
  if (reading.kind !== "items") throw new Error(JSON.stringify(reading));
  return reading.items;
};
const factOf = (body: string, options = {}) => {
  const [item] = itemsIn(body, options);
  if (item?.kind !== "event") return item;
  const { type, rev, occurredAtMs, data } = item.event;
  return { type, rev, occurredAtMs, data };
};

const STAMP = "<sf:SystemModstamp>2026-07-25T17:20:20.000Z</sf:SystemModstamp>";
const contact = notification(
  "04l1",
  "Contact",
  `<sf:Id>003A</sf:Id><sf:OwnerId>005B</sf:OwnerId><sf:Email xsi:nil="true"/><sf:LastName> Li </sf:LastName>${STAMP}`,
);
const caseOf = (fields: string) =>
  notification("04l2", "Case", `<sf:Id>500A</sf:Id><sf:Status>New</sf:Status>${STAMP}${fields}`);

describe("salesforce-outbound-message, reading", () => {
  test("keeps the fixture's two contacts, which tell no order, for a person", () => {
    const items = itemsIn(payload("salesforce-outbound-message.xml"));
    expect(items).toEqual(
      ["04l5e00000Zz001AAC", "04l5e00000Zz002AAC"].map((id) =>
        expect.objectContaining({
          kind: "broken",
          id,
          code: "unmapped",
          type: "Contact",
          errors: [expect.objectContaining({ message: expect.stringContaining("in Setup") })],
        }),
      ),
    );
  });

  test("reads a contact with its modstamp as a lead", () => {
    expect(factOf(message(contact))).toEqual({
      type: "lead.upserted",
      rev: "1785000020000",
      occurredAtMs: 1_785_000_020_000,
      data: {
        crm: `salesforce:${ORGANIZATION}`,
        object_id: "003A",
        owner_id: "005B",
        fields: {
          Id: "003A",
          OwnerId: "005B",
          Email: null,
          LastName: " Li ",
          SystemModstamp: "2026-07-25T17:20:20.000Z",
        },
      },
    });
  });

  test.each([
    [
      "its modstamp before its date",
      `${STAMP}<sf:LastModifiedDate>2026-07-25T17:20:19Z</sf:LastModifiedDate>`,
      "1785000020000",
    ],
    [
      "its date alone",
      "<sf:LastModifiedDate>2026-07-25T19:20:19.5+02:00</sf:LastModifiedDate>",
      "1785000019500",
    ],
    ["no instant", "<sf:SystemModstamp>yesterday</sf:SystemModstamp>", undefined],
    ["a nil one", `<sf:SystemModstamp xsi:nil="true"/>`, undefined],
  ])("orders a lead by %s", (_name, stamps, rev) => {
    const fact = factOf(message(notification("04l1", "Lead", `<sf:Id>00QA</sf:Id>${stamps}`)));
    expect(fact).toMatchObject(rev === undefined ? { code: "unmapped" } : { rev });
  });

  test.each([
    ["", "case"],
    ["<sf:Type>Order</sf:Type><sf:Reason>Late</sf:Reason>", "Order"],
    [`<sf:Type xsi:nil="true"/><sf:Reason>Late</sf:Reason>`, "Late"],
    ["<sf:Type></sf:Type>", "case"],
  ])("reads a case with %s as a ticket about %s", (fields, subject_kind) => {
    expect(factOf(message(caseOf(fields)))).toMatchObject({
      type: "ticket.upserted",
      rev: "1785000020000",
      data: {
        system: `salesforce:${ORGANIZATION}`,
        object_id: "500A",
        status: "New",
        subject_kind,
      },
    });
  });

  test("says which field of a case is missing", () => {
    const body = message(notification("04l2", "Case", `<sf:Id>500A</sf:Id>${STAMP}`));
    expect(itemsIn(body)).toMatchObject([
      { code: "contract_violated", errors: [{ path: "data.status", rule: "required" }] },
    ]);
  });

  test("reads another object by the source's rules, and tells how where there are none", () => {
    const fields =
      "<sf:Id>801A</sf:Id><sf:Cancelled_At__c>2026-07-25T17:20:00Z</sf:Cancelled_At__c><sf:Why__c>late</sf:Why__c>";
    const body = message(notification("04l3", "Order", fields));
    expect(itemsIn(body)).toMatchObject([
      {
        code: "unmapped",
        type: "Order",
        errors: [{ message: expect.stringContaining("options.rules") }],
      },
    ]);
    const rules = [
      {
        type: "order.cancelled",
        when: { $object: "Order" },
        fields: { order_id: "Id", reason: "Why__c" },
        occurred_at: { path: "Cancelled_At__c", as: "instant" },
      },
    ];
    expect(sender.checkOptions({ rules }, "url-token")).toEqual([]);
    expect(factOf(body, { rules })).toMatchObject({
      type: "order.cancelled",
      occurredAtMs: 1_785_000_000_000,
      data: { order_id: "801A", reason: "late" },
    });
  });

  test("keeps one bad notification alone, under a name of its own", () => {
    const bad = "<Notification><Id>04l9</Id></Notification>";
    const items = itemsIn(message(contact, bad, caseOf("")));
    expect(items.map(({ kind }) => kind)).toEqual(["event", "broken", "event"]);
    expect(items[1]).toMatchObject({
      code: "contract_violated",
      id: expect.stringMatching(/^unreadable-/),
    });
  });

  test.each([
    ["another envelope", message(contact).replace("schemas.xmlsoap.org", "example.org")],
    ["notifications of another namespace", message(contact).replace("soap.sforce.com", "x.org")],
    ["no notification", message()],
    ["another root", `<a>${SESSION}</a>`],
    ["a fault", message(contact).replaceAll("notifications", "Fault")],
  ])("keeps %s for a person", (_name, body) => {
    expect(itemsIn(body)).toEqual([
      {
        kind: "broken",
        id: expect.stringMatching(/^unreadable-/),
        code: "contract_violated",
        errors: [expect.objectContaining({ rule: "required" })],
      },
    ]);
  });

  test("shows the session and where it is used to nobody", () => {
    const rules = [{ type: "cdc.gap", fields: { table: "SessionId" } }];
    const bodies = [
      message(contact, caseOf(""), "<Notification/>"),
      message(),
      `<a>${SESSION}</a>`,
    ];
    for (const body of [...bodies, message(contact).replace("</e:Body>", "")]) {
      for (const options of [{}, { rules }, { organization_id: "00D000000000000" }]) {
        expect(JSON.stringify(read(body, options))).not.toMatch(/AQ4AQ|https:\/\/x/);
      }
    }
  });

  test("has one id for a message sent again, and others for others", () => {
    const [first, again] = [itemsIn(message(contact)), itemsIn(message(contact))];
    expect(again).toEqual(first);
    expect(first[0]?.id).toBe("04l1:1785000020000");
    expect(itemsIn(message(contact.replace("04l1", "04l7")))[0]?.id).toBe("04l7:1785000020000");
  });

  test("takes newer content of a notification sent again for another event", () => {
    const newer = contact.replace("17:20:20.000Z", "17:20:21.000Z");
    expect(itemsIn(message(newer))[0]).toMatchObject({
      id: "04l1:1785000021000",
      event: { rev: "1785000021000" },
    });
  });

  test("reads the hundred notifications that Salesforce documents, and no more", () => {
    const many = (count: number) => read(message(...Array.from({ length: count }, () => contact)));
    expect(many(100)).toMatchObject({ kind: "items" });
    expect(many(101)).toMatchObject({ kind: "malformed", errors: [{ rule: "length" }] });
  });

  test("comes to an end with one field that is repeated many times", () => {
    const fields = STAMP + "<sf:a/>".repeat(60_000);
    const [item] = itemsIn(message(notification("04l1", "Contact", fields)));
    expect(item).toMatchObject({ id: "04l1:1785000020000" });
  });
});

describe("salesforce-outbound-message, allowing", () => {
  test.each([
    ["its organisation", { organization_id: ORGANIZATION }, []],
    ["its organisation as Setup shows it", { organization_id: "00D5e000000AbCd" }, []],
    ["one of several", { organization_id: ["00D000000000000", ORGANIZATION] }, []],
    ["its action", { action_ids: ["04k5e000000QwEr"] }, []],
    ["another organisation", { organization_id: "00D5e000000AbCe" }, ["OrganizationId"]],
    ["another case of letters", { organization_id: "00D5e000000abcd" }, ["OrganizationId"]],
    ["another action", { action_ids: "04k000000000000" }, ["ActionId"]],
  ])("%s", (_name, options, paths) => {
    expect(
      sender.checkOptions(options, "mtls-pin").filter(({ rule }) => rule !== "required"),
    ).toEqual([]);
    const [item] = itemsIn(message(contact), options);
    const errors = item?.kind === "broken" ? item.errors.map(({ path }) => path) : [];
    expect(errors).toEqual(paths);
    expect(item?.id).toBe("04l1:1785000020000");
  });

  test("asks for the organisation where the certificate is everybody's", () => {
    expect(sender.checkOptions({}, "url-token")).toEqual([]);
    expect(sender.checkOptions({}, "mtls-pin")).toMatchObject([
      { path: "options.organization_id", rule: "required" },
    ]);
    expect(sender.checkOptions({ organization_id: "acme" }, "url-token")).not.toEqual([]);
    expect(sender.checkOptions({ organization_id: [] }, "url-token")).not.toEqual([]);
  });

  test("pins names of a certificate that Cloudflare has verified", async () => {
    const certificate = {
      verified: true,
      status: "SUCCESS",
      fingerprintSha256: "ef".repeat(32),
      ...names,
    };
    const by = (change: object) =>
      verifyBy(sender, "mtls-pin", deliver({ certificate: { ...certificate, ...change } }), {
        secrets: [JSON.stringify(names)],
      });
    expect(await by({})).toMatchObject({ ok: true });
    expect(await by({ verified: false })).toMatchObject({ reason: "certificate_invalid" });
    expect(await by({ issuer: "CN=Anybody" })).toMatchObject({ reason: "certificate_invalid" });
  });
});

describe("salesforce-outbound-message, answering", () => {
  test("acknowledges as the fixture does", () => {
    const reply = sender.reply?.({ kind: "taken" }, deliver({}));
    expect(reply).toMatchObject({
      status: 200,
      headers: { "Content-Type": "text/xml; charset=utf-8" },
    });
    expect(reply?.body?.trim()).toBe(payload("salesforce-outbound-message-ack.xml").trim());
  });

  test.each([
    [401, "Client", undefined],
    [503, "Server", 30],
  ])("refuses by %i with a fault, and no Ack", (status, faultcode, retryAfterS) => {
    const wait = retryAfterS === undefined ? {} : { retryAfterS };
    const title = "Is <this> & that";
    const outcome = { kind: "refused", status, code: "x", title, ...wait } as const;
    const reply = sender.reply?.(outcome, deliver({}));
    expect(reply?.status).toBe(status);
    expect(reply?.headers?.["Retry-After"]).toBe(retryAfterS === undefined ? undefined : "30");
    expect(reply?.body).toContain(`<faultcode>soapenv:${faultcode}</faultcode>`);
    expect(reply?.body).toContain("Is &lt;this&gt; &amp; that");
    expect(reply?.body).not.toContain("Ack");
  });

  test("reads longer bodies than others: a hundred records", () => {
    expect(sender.bodyBytesMax).toBe(4 * 1024 * 1024);
  });
});
