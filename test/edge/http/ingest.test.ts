import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openDelivery } from "#src/edge/archive/open-delivery.ts";
import { BODY_BYTES_MAX } from "#src/senders/sender.ts";
import { BODY_INLINE_BYTES_MAX } from "#src/edge/http/enclose.ts";
import { MESSAGE_BYTES_MAX } from "#src/edge/message.ts";
import {
  bindings,
  bodyOf,
  brokenBucket,
  fail,
  hang,
  hangingQueue,
  hubspotChange,
  isDelivery,
  isRejection,
  JWT_STRANGER,
  keysUnder,
  makeRig,
  makeSource,
  NOW_S,
  order,
  type Rig,
  SECRETS,
  SENDER_NAMES,
  type SenderName,
  senders,
  sign,
  stripeEvent,
  throwingQueue,
  urlOf,
} from "../support/ingest-rig.ts";

const lines: string[] = [];
const keepLine = (...parts: unknown[]) => void lines.push(parts.map(String).join(" "));

beforeEach(() => {
  lines.length = 0;
  for (const name of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, name).mockImplementation(keepLine);
  }
});
afterEach(() => vi.restoreAllMocks());

interface Answer {
  readonly accepted: readonly { id: string; event_id: string }[];
  readonly quarantined: readonly {
    id: string;
    event_id: string;
    code: string;
    errors: readonly unknown[];
  }[];
}
interface Problem {
  readonly code: string;
  readonly errors?: readonly { path: string; rule: string; message: string }[];
}

const answerOf = (response: Response) => response.json<Answer>();
const problemOf = (response: Response) => response.json<Problem>();
const EVENT_ID = /^evt_[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const padded = (id: string, bytes: number) => {
  const empty = JSON.stringify(order(id, { padding: "" })).length;
  return JSON.stringify(order(id, { padding: "x".repeat(bytes - empty) }));
};

describe("POST /in/:tenant/:source", () => {
  test.each(SENDER_NAMES)(
    "accepts what %s signed, and queues the bytes that arrived",
    async (name) => {
      const rig = await makeRig();
      const body = bodyOf(name);

      const response = await rig.deliver(name, body);
      const { accepted, quarantined } = await answerOf(response);
      const told = [...accepted, ...quarantined];

      expect(response.status).toBe(202);
      expect(response.headers.get("request-id")).toMatch(/^dlv_/);
      expect(told).toHaveLength(1);
      expect(told[0]?.event_id).toMatch(EVENT_ID);

      const [message] = rig.queue.sent.filter(isDelivery);
      expect(rig.queue.sent).toHaveLength(1);
      expect(message?.eventIds).toEqual(told.map((item) => item.event_id));
      expect(JSON.stringify(message)).not.toContain("order_id");
      if (message === undefined) return;
      const opened = await openDelivery(message, rig.tenant, bindings.ARCHIVE_0);
      const source = makeSource(rig.tenant, name);
      const reading = senders.get(name)?.read(opened, {
        tenant: rig.tenant.tenant,
        source: source.source,
        options: {},
      });
      expect(new TextDecoder().decode(opened.body)).toBe(body);
      expect(reading?.kind === "items" && reading.items.map((item) => item.id)).toEqual(
        told.map((item) => item.id),
      );
    },
  );

  test("accepts an array of envelopes as one message", async () => {
    const rig = await makeRig();
    const response = await rig.deliver("jwt", JSON.stringify([order("a"), order("b"), order("c")]));

    const { accepted } = await answerOf(response);
    expect(accepted.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(new Set(accepted.map((item) => item.event_id)).size).toBe(3);
    expect(rig.queue.sent).toHaveLength(1);
  });

  test("keeps no query string, where some products put a secret", async () => {
    const rig = await makeRig();
    const body = bodyOf("standard");
    const headers = await sign("standard", { tenant: rig.tenant.tenant, body });
    const url = `${urlOf(rig.tenant.tenant, "standard")}?token=hush`;
    await rig.call(new Request(url, { method: "POST", body, headers }), "standard");
    expect(JSON.stringify(rig.queue.sent)).not.toContain("hush");
  });

  test.each(["GET", "PUT", "DELETE", "OPTIONS"])("answers 405 to %s", async (method) => {
    const rig = await makeRig();
    const request = new Request(urlOf(rig.tenant.tenant, "standard"), { method });
    const response = await rig.call(request, "standard");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("answers 415 to a packed body", async () => {
    const rig = await makeRig();
    const response = await rig.post("standard", "{}", { "content-encoding": "gzip" });
    expect(response.status).toBe(415);
  });

  test("answers 404 alike to an unknown tenant and an unknown source", async () => {
    const rig = await makeRig();
    const other = await makeRig();
    const unknownSource = await rig.post("nobody", "{}");
    const request = new Request(urlOf("nobody", "standard"), { method: "POST", body: "{}" });
    other.sources.clear();
    const unknownTenant = await other.call(request, "standard");

    expect([unknownSource.status, unknownTenant.status]).toEqual([404, 404]);
    expect(await unknownTenant.text()).toBe(await unknownSource.text());
  });
});

describe("authentication", () => {
  const lies: readonly {
    readonly name: string;
    readonly headers: (
      sender: SenderName,
      tenant: string,
      body: string,
    ) => Promise<Readonly<Record<string, string>>>;
  }[] = [
    { name: "no signature", headers: async () => ({}) },
    {
      name: "a signature of another body",
      headers: (sender, tenant) => sign(sender, { tenant, body: '{"other":1}', atS: NOW_S }),
    },
    {
      name: "an old signature",
      headers: (sender, tenant, body) => sign(sender, { tenant, body, atS: NOW_S - 3600 }),
    },
    {
      name: "a signature from the future",
      headers: (sender, tenant, body) => sign(sender, { tenant, body, atS: NOW_S + 3600 }),
    },
    {
      name: "garbage",
      headers: async () => ({
        "webhook-id": "x",
        "webhook-timestamp": "NaN",
        "webhook-signature": "v1,%%%",
        "stripe-signature": "t=,v1=zz",
        "x-hubspot-signature-v3": "\u00e9",
        "x-hubspot-request-timestamp": "1e9",
        authorization: "Bearer a.b.c",
      }),
    },
    {
      name: "an unknown secret",
      headers: async (sender, tenant, body) => {
        const secrets = {
          standard: `whsec_${Buffer.from("another-secret-another-secret-00").toString("base64")}`,
          jwt: JWT_STRANGER,
          stripe: "whsec_another",
          hubspot: "another",
        };
        return sign(sender, { tenant, body, secret: secrets[sender] });
      },
    },
  ];

  test("answers every disbelief of every sender with the same bytes", async () => {
    const rig = await makeRig();
    const bodies = new Set<string>();
    const headers = new Set<string>();
    let refused = 0;
    for (const sender of SENDER_NAMES) {
      for (const lie of lies) {
        // A bearer token does not cover the body.
        if (sender === "jwt" && lie.name === "a signature of another body") continue;
        const body = bodyOf(sender);
        const response = await rig.post(
          sender,
          body,
          await lie.headers(sender, rig.tenant.tenant, body),
        );
        expect([sender, lie.name, response.status]).toEqual([sender, lie.name, 401]);
        bodies.add(await response.text());
        headers.add(
          JSON.stringify([...response.headers].filter(([name]) => name !== "request-id")),
        );
        refused += 1;
      }
    }
    expect([bodies.size, headers.size, refused]).toEqual([1, 1, 23]);
    expect(rig.queue.sent).toEqual([]);
    expect(lines).toHaveLength(refused);
    expect(lines.join()).toContain("signature_mismatch");
  });

  test("disbelieves a source whose scheme its sender does not know", async () => {
    const rig = await makeRig();
    for (const scheme of ["nonsense", "toString", "__proto__"]) {
      rig.sources.set(
        "standard",
        makeSource(rig.tenant, "standard", { auth: { scheme, secrets: [SECRETS.standard] } }),
      );
      expect((await rig.deliver("standard", bodyOf("standard"))).status).toBe(401);
    }
  });

  test("accepts each of two live secrets", async () => {
    const rig = await makeRig();
    const secrets = [`whsec_${btoa("new-secret-new-secret-new-secret")}`, SECRETS.standard];
    const auth = { scheme: "standard-webhooks-v1", secrets };
    rig.sources.set("standard", makeSource(rig.tenant, "standard", { auth }));
    for (const secret of secrets) {
      const body = bodyOf("standard");
      const headers = await sign("standard", { tenant: rig.tenant.tenant, body, secret });
      expect((await rig.post("standard", body, headers)).status).toBe(202);
    }
  });
});

describe("acknowledgement policy", () => {
  test.each(SENDER_NAMES)("answers 400 to a body of %s that cannot be read", async (name) => {
    const rig = await makeRig();
    const response = await rig.deliver(name, "{not json");
    const { code, errors } = await problemOf(response);
    expect([response.status, code, errors?.[0]?.rule]).toEqual([400, "malformed", "json"]);
    expect(rig.queue.sent).toEqual([]);
  });

  test("keeps a connector's unreadable body for a person", async () => {
    const rig = await makeRig();
    const response = await rig.post("connector", "\u0000");
    const { accepted, quarantined } = await answerOf(response);
    const [message] = rig.queue.sent.filter(isDelivery);

    expect([response.status, accepted]).toEqual([202, []]);
    expect(quarantined).toMatchObject([{ id: message?.deliveryId, code: "malformed" }]);
    expect(message?.eventIds).toEqual([quarantined[0]?.event_id]);
  });

  test("keeps a connector's broken row for a person", async () => {
    const rig = await makeRig();
    const { quarantined } = await answerOf(await rig.post("connector", "row"));
    expect(quarantined).toMatchObject([{ id: "row-1", code: "contract_violated" }]);
    expect(rig.queue.sent).toHaveLength(1);
  });

  test("queues nothing for a heartbeat", async () => {
    const rig = await makeRig();
    const response = await rig.post("connector", "heartbeat");
    expect(await response.json()).toEqual({ accepted: [], quarantined: [] });
    expect(rig.queue.sent).toEqual([]);
  });

  test.each(["standard", "jwt"] as const)(
    "refuses a broken envelope of %s, records it and keeps no body",
    async (name) => {
      const rig = await makeRig();
      const data = { order_id: "secret-order", reason: 7 };
      const response = await rig.deliver(name, JSON.stringify(order("bad", { data })));
      const { code, errors } = await problemOf(response);

      expect([response.status, code]).toEqual([422, "contract_violated"]);
      expect(errors).toMatchObject([{ path: "data.reason" }]);
      expect(rig.queue.sent).toMatchObject([
        {
          kind: "rejection",
          source: name,
          events: [{ id: "bad", type: "order.cancelled", code: "contract_violated", errors }],
        },
      ]);
      expect(JSON.stringify(rig.queue.sent)).not.toContain("secret-order");
    },
  );

  test.each([
    { name: "an unknown type", given: { type: "no.such" }, path: "type" },
    { name: "a version to come", given: { version: 99 }, path: "version" },
    { name: "the source of another", given: { source: "else" }, path: "source" },
  ])("refuses $name", async ({ given, path }) => {
    const rig = await makeRig();
    const response = await rig.deliver("standard", JSON.stringify(order("x", given)));
    const { code, errors } = await problemOf(response);
    expect([response.status, code, errors?.[0]?.path]).toEqual([422, "contract_violated", path]);
  });

  test("judges an array whole, and names the place of each error", async () => {
    const rig = await makeRig();
    const broken = order("b", { data: { reason: "x" } });
    const list = [order("a"), broken, 7, order("d", { version: 99 })];
    const response = await rig.deliver("standard", ` \n${JSON.stringify(list)}`);
    const { errors } = await problemOf(response);

    expect(response.status).toBe(422);
    expect(errors?.map(({ path }) => path)).toEqual(["[1].data.order_id", "[2]", "[3].version"]);
    const [record] = rig.queue.sent.filter(isRejection);
    expect(rig.queue.sent).toHaveLength(1);
    expect(record?.events.map(({ id }) => id)).toEqual(["b", "msg_1#2", "d"]);
    for (const event of record?.events ?? []) expect(event.eventId).toMatch(EVENT_ID);
  });

  test("names no place in an array of one that is no array", async () => {
    const rig = await makeRig();
    const broken = order("b", { version: 99 });
    const one = await problemOf(await rig.deliver("standard", JSON.stringify(broken)));
    const list = await problemOf(await rig.deliver("standard", JSON.stringify([broken])));
    expect([one.errors?.[0]?.path, list.errors?.[0]?.path]).toEqual(["version", "[0].version"]);
  });

  test("records as much of a large rejection as one message holds", async () => {
    const rig = await makeRig();
    const long = "\u{1F4B8}".repeat(60);
    const list = Array.from({ length: 900 }, (_, i) => order(`${long}${i}`, { version: 99 }));
    const response = await rig.deliver("standard", JSON.stringify(list));
    const { errors } = await problemOf(response);

    expect([response.status, errors?.length]).toEqual([422, 500]);
    const [record] = rig.queue.sent.filter(isRejection);
    expect(record?.events.length).toBeGreaterThan(100);
  });

  test("takes a product's good events and keeps its odd ones for a person", async () => {
    const rig = await makeRig();
    const list = [hubspotChange(1), hubspotChange(2, { subscriptionType: "deal.creation" }), "?"];
    const response = await rig.deliver("hubspot", JSON.stringify(list));
    const { accepted, quarantined } = await answerOf(response);

    expect([response.status, accepted.length]).toEqual([202, 1]);
    expect(quarantined.map(({ code }) => code)).toEqual(["unmapped", "contract_violated"]);
    const [message] = rig.queue.sent.filter(isDelivery);
    expect(message?.eventIds).toEqual([...accepted, ...quarantined].map((item) => item.event_id));
  });
});

/** Posts in pieces, under whatever length the headers announce. */
const announced = (rig: Rig, body: string, headers: Record<string, string>) => {
  const chunks = new ReadableStream<Uint8Array>({
    start(controller) {
      const bytes = new TextEncoder().encode(body);
      for (let at = 0; at < bytes.length; at += 300_000) {
        controller.enqueue(bytes.slice(at, at + 300_000));
      }
      controller.close();
    },
  });
  const url = urlOf(rig.tenant.tenant, "standard");
  return rig.call(new Request(url, { method: "POST", body: chunks, headers }), "standard");
};

describe("size", () => {
  test.each([
    { bytes: BODY_BYTES_MAX, status: 202 },
    { bytes: BODY_BYTES_MAX + 1, status: 413 },
  ])("answers $status to $bytes bytes, however they are announced", async ({ bytes, status }) => {
    const rig = await makeRig();
    const body = padded("big", bytes);
    const headers = await sign("standard", { tenant: rig.tenant.tenant, body });
    expect((await rig.post("standard", body, headers)).status).toBe(status);
    expect((await announced(rig, body, headers)).status).toBe(status);
    for (const lie of ["10", "0", "-1", "many"]) {
      const response = await announced(rig, body, { ...headers, "content-length": lie });
      expect([lie, response.status]).toEqual([lie, status]);
    }
  });

  test("does not read what is announced as too large", async () => {
    const rig = await makeRig();
    let pulls = 0;
    const body = new ReadableStream({ pull: () => void (pulls += 1) }, { highWaterMark: 0 });
    const headers = { "content-length": String(BODY_BYTES_MAX + 1) };
    const url = urlOf(rig.tenant.tenant, "standard");
    const response = await rig.call(
      new Request(url, { method: "POST", body, headers }),
      "standard",
    );
    expect([response.status, pulls]).toEqual([413, 0]);
  });

  test.each([
    { bytes: BODY_INLINE_BYTES_MAX, carried: "sealed" },
    { bytes: BODY_INLINE_BYTES_MAX + 1, carried: "claim" },
  ])("carries a body of $bytes bytes as $carried", async ({ bytes, carried }) => {
    const rig = await makeRig();
    const body = padded("claimed", bytes);
    expect((await rig.deliver("standard", body)).status).toBe(202);

    const [message] = rig.queue.sent.filter(isDelivery);
    expect(Object.keys(message?.body ?? {})).toContain(carried);
    if (message === undefined) return;
    const opened = await openDelivery(message, rig.tenant, bindings.ARCHIVE_0);
    expect(new TextDecoder().decode(opened.body) === body).toBe(true);
    const claims = await keysUnder(`claims/${rig.tenant.tenant}/`);
    expect(claims).toEqual(
      carried === "claim" ? [`claims/${rig.tenant.tenant}/${message.deliveryId}`] : [],
    );
  });

  test("keeps the message of a thousand envelopes within the queue's limit", async () => {
    const rig = await makeRig();
    const list = Array.from({ length: 1000 }, (_, i) => order(`e${i}`));
    const { accepted } = await answerOf(await rig.deliver("standard", JSON.stringify(list)));
    expect(accepted).toHaveLength(1000);
    const bytes = JSON.stringify(rig.queue.sent[0]).length;
    expect(bytes).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
  });

  test("refuses headers that no message can carry, and claims where they leave little room", async () => {
    const rig = await makeRig();
    const body = padded("wide", BODY_INLINE_BYTES_MAX);
    const statuses: number[] = [];
    for (const chars of [20_000, 60_000]) {
      const id = "m".repeat(chars);
      const headers = await sign("standard", { tenant: rig.tenant.tenant, body, id });
      statuses.push((await rig.post("standard", body, headers)).status);
    }
    expect(statuses).toEqual([202, 413]);
    const [message, ...others] = rig.queue.sent.filter(isDelivery);
    expect(message?.body).toEqual({ claim: expect.any(String), bytes: expect.any(Number) });
    expect(others).toEqual([]);
  });

  test("the real queue takes the largest message", async () => {
    const rig = await makeRig();
    await rig.deliver("standard", padded("largest", BODY_INLINE_BYTES_MAX));
    const [message] = rig.queue.sent;
    if (message === undefined) throw new Error("Nothing was sent");
    // Delayed by a day: no consumer has to know this tenant.
    const sent = bindings.EVENTS_0.send(message, { delaySeconds: 86_400 });
    await expect(sent).resolves.toBeDefined();
  });
});

describe("durability", () => {
  test.each([
    { name: "throws", queue: throwingQueue },
    { name: "hangs", queue: hangingQueue },
  ])("spills to R2 where the queue $name, within 5 s", async ({ queue }) => {
    const rig = await makeRig({ queue: queue() });
    const startedMs = performance.now();
    const response = await rig.deliver("standard", JSON.stringify(order("spilled")));
    const { accepted } = await answerOf(response);

    expect([response.status, performance.now() - startedMs < 5000]).toEqual([202, true]);
    const key = `spill/2026-11-22/tenant=${rig.tenant.tenant}/${response.headers.get("request-id")}.json`;
    const object = await bindings.ARCHIVE_0.get(key);
    expect(await object?.json()).toMatchObject({
      kind: "delivery",
      tenant: rig.tenant.tenant,
      eventIds: [accepted[0]?.event_id],
    });
    await bindings.ARCHIVE_0.delete(key);
  });

  test("tries a failed send once more before it spills", async () => {
    const queue = throwingQueue();
    let sends = 0;
    const healing = {
      ...queue,
      send: async () => {
        sends += 1;
        if (sends === 1) throw new Error("Too Many Requests");
        return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
      },
    };
    const rig = await makeRig({ queue: healing });
    expect((await rig.deliver("standard", bodyOf("standard"))).status).toBe(202);
    // Of its own: what others spill lies there too.
    const spilled = await keysUnder("spill/");
    const own = spilled.filter((key) => key.includes(`tenant=${rig.tenant.tenant}/`));
    expect([sends, own]).toEqual([2, []]);
  });

  test.each([
    { name: "throws", queue: throwingQueue, put: fail },
    { name: "hangs", queue: hangingQueue, put: hang },
  ])("answers 503 within 5 s where queue and R2 both $name", async ({ queue, put }) => {
    const rig = await makeRig({ queue: queue(), archive: brokenBucket(put) });
    const startedMs = performance.now();
    for (const response of await Promise.all([
      rig.deliver("standard", bodyOf("standard")),
      rig.deliver("standard", padded("claimed", BODY_INLINE_BYTES_MAX + 1)),
    ])) {
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "30"]);
      expect((await problemOf(response)).code).toBe("overloaded");
    }
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  test("answers 422 even where the record of it could not be kept", async () => {
    const rig = await makeRig({ queue: throwingQueue(), archive: brokenBucket(fail) });
    const response = await rig.deliver("standard", JSON.stringify(order("x", { version: 99 })));
    expect(response.status).toBe(422);
  });

  test("holds the deliveries of a paused source, verified and read", async () => {
    const rig = await makeRig();
    rig.sources.set("standard", makeSource(rig.tenant, "standard", { pausedMs: 1 }));
    const response = await rig.deliver("standard", bodyOf("standard"));
    const forged = await rig.post("standard", bodyOf("standard"));
    const broken = await rig.deliver("standard", JSON.stringify(order("x", { version: 99 })));

    expect([response.status, forged.status, broken.status]).toEqual([202, 401, 422]);
    expect(rig.queue.sent.filter(isDelivery)).toEqual([]);
    expect(await keysUnder(`paused/${rig.tenant.tenant}/`)).toEqual([
      `paused/${rig.tenant.tenant}/standard/${response.headers.get("request-id")}.json`,
    ]);
  });

  test("answers 503 where a paused delivery cannot be held", async () => {
    const rig = await makeRig({ archive: brokenBucket(fail) });
    rig.sources.set("standard", makeSource(rig.tenant, "standard", { pausedMs: 1 }));
    expect((await rig.deliver("standard", bodyOf("standard"))).status).toBe(503);
  });
});

describe("discretion", () => {
  test("no log line and no refusal holds a secret, a token or a person's data", async () => {
    const rig = await makeRig({ queue: throwingQueue() });
    const person = { email: "ada@example.com", phone: "+1 555 0100", name: "Ada Lovelace" };
    const lead = order("p", { type: "lead.upserted", data: { ...person, fields: person } });
    const texts: string[] = [];
    const tokens: string[] = [];
    for (const name of SENDER_NAMES) {
      for (const body of [
        JSON.stringify(lead),
        JSON.stringify(stripeEvent("evt_p", { data: { object: person } })),
        `{"email":"${person.email}"`,
      ]) {
        const headers = await sign(name, { tenant: rig.tenant.tenant, body });
        tokens.push(...Object.values(headers).filter((value) => value.length > 20));
        const answers = [
          await rig.post(name, body, headers),
          await rig.post(name, `${body} `, headers),
          await rig.post(name, body, { ...headers, authorization: "Bearer hush.hush.hush" }),
        ];
        for (const answer of answers) texts.push(await answer.text());
      }
    }
    const said = [...texts, ...lines].join("\n");
    expect(lines.length).toBeGreaterThan(20);
    for (const word of [...Object.values(person), ...Object.values(SECRETS), ...tokens, "hush"]) {
      expect([word, said.includes(word)]).toEqual([word, false]);
    }
    await Promise.all((await keysUnder("spill/")).map((key) => bindings.ARCHIVE_0.delete(key)));
  });
});

describe("arbitrary requests", () => {
  const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
  const value = fc.stringMatching(/^[\x20-\x7e]{0,60}$/);
  const names = [
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "svix-id",
    "stripe-signature",
    "authorization",
    "x-hubspot-signature-v3",
    "x-hubspot-request-timestamp",
    "content-length",
    "content-type",
    "content-encoding",
  ];
  const headers = fc.dictionary(fc.oneof(fc.constantFrom(...names), token), value, { maxKeys: 8 });
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );

  test("never get a 5xx, unsigned", async () => {
    const rig = await makeRig();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SENDER_NAMES, "connector"),
        body,
        headers,
        async (source, bytes, extra) => {
          const response = await rig.post(source, bytes, extra);
          expect(response.status).toBeLessThan(500);
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test("never get a 5xx, signed", async () => {
    const rig = await makeRig();
    const nearly = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ id: fc.jsonValue(), data: fc.jsonValue(), version: fc.jsonValue() })
        .map((extra) => JSON.stringify(order("f", extra))),
      fc.jsonValue().map((object) => JSON.stringify(stripeEvent("f", { data: { object } }))),
      fc
        .record({
          objectId: fc.jsonValue(),
          propertyName: fc.jsonValue(),
          occurredAt: fc.jsonValue(),
        })
        .map((extra) => JSON.stringify([hubspotChange(1, extra)])),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SENDER_NAMES), nearly, async (source, text) => {
        const response = await rig.deliver(source, text);
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: runs(200) },
    );
    for (const message of rig.queue.sent) {
      expect(JSON.stringify(message).length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
    }
  });
});
