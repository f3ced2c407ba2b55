import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { explainRoutes, type Explanation } from "#src/edge/http/explain.ts";
import { signHttp } from "../../../scripts/signing/http-signatures.ts";
import { signZendesk, zendeskTimestamp } from "../../../scripts/signing/zendesk.ts";
import { BODY_BYTES_MAX, CONNECTOR_BODY_BYTES_MAX } from "#src/senders/sender.ts";
import type { ApiEnv } from "#src/edge/http/route.ts";
import {
  bodyOf,
  hubspotChange,
  makeRig,
  makeSource,
  NOW_MS,
  NOW_S,
  order,
  type Rig,
  SECRETS,
  SENDER_NAMES,
  type SenderName,
  senders,
  sign,
  urlOf,
  noCertificate,
} from "../support/ingest-rig.ts";

let rig: Rig;
let app: Hono<ApiEnv>;

beforeAll(async () => {
  rig = await makeRig();
  app = new Hono<ApiEnv>();
  const ports = {
    senders,
    directory: { source: async (_tenant: string, source: string) => rig.sources.get(source) },
    certificateAt: noCertificate,
    nowMs: () => NOW_MS,
  };
  for (const { method, path, handle } of explainRoutes(ports)) app.on(method, [path], handle);
});

const ask = async (source: string, captured: unknown): Promise<Response> =>
  app.request(`/v1/tenants/${rig.tenant.tenant}/sources/${source}/explain`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(captured),
  });

async function explain(source: string, captured: object): Promise<Explanation> {
  const response = await ask(source, {
    method: "POST",
    url: urlOf(rig.tenant.tenant, source),
    ...captured,
  });
  expect(response.status).toBe(200);
  return response.json<Explanation>();
}

const signed = async (name: SenderName, body: string, atS = NOW_S) => ({
  headers: await sign(name, { tenant: rig.tenant.tenant, body, atS }),
  body,
});

describe("POST …/sources/:source/explain", () => {
  test.each(SENDER_NAMES)(
    "judges a request of %s as ingest does, and enqueues nothing",
    async (name) => {
      const body = bodyOf(name);
      const { headers } = await signed(name, body);
      const answer = await rig.post(name, body, headers);
      const { accepted, quarantined } = await answer.json<{
        accepted: { id: string }[];
        quarantined: { id: string }[];
      }>();
      const before = rig.queue.sent.length;
      const { verdict, steps, events } = await explain(name, { headers, body });

      expect(events.map(({ id }) => id)).toEqual([...accepted, ...quarantined].map(({ id }) => id));
      expect(verdict).toBe(quarantined.length === 0 ? "accepted" : "quarantined");
      expect(steps.filter(({ ok, step }) => !ok && step !== "contract")).toEqual([]);
      expect(rig.queue.sent).toHaveLength(before);
    },
  );

  test("tells each step in its order, and what each event is", async () => {
    const lead = {
      ...order("p", { type: "lead.upserted", rev: "12" }),
      data: { crm: "hubspot", object_id: "7", fields: { email: "ada@example.com" } },
    };
    const captured = await signed("standard", JSON.stringify([order("a"), lead]));
    const explanation = await explain("standard", captured);

    expect(explanation.verdict).toBe("accepted");
    expect(explanation.events).toEqual([
      {
        id: "a",
        type: "order.cancelled",
        key: "order:o-a",
        occurred_at: "2026-11-22T09:00:00.000Z",
      },
      {
        id: "p",
        type: "lead.upserted",
        key: expect.stringContaining("lead:"),
        rev: "12",
        occurred_at: "2026-11-22T09:00:00.000Z",
      },
    ]);
    const steps = explanation.steps.map(({ step }) => step);
    expect(steps.slice(0, 5)).toEqual(["headers", "method", "size", "encoding", "source"]);
    expect(steps).toContain("signature");
    expect(steps.slice(-3)).toEqual(["parse", "contract", "contract"]);
    expect(JSON.stringify(explanation)).not.toContain("ada@example.com");
  });

  test("judges as of received_at, and as of now without it", async () => {
    const captured = await signed("stripe", bodyOf("stripe"), NOW_S - 86_400);
    const now = await explain("stripe", captured);
    const then = await explain("stripe", { ...captured, received_at: "2026-11-21T10:30:00+01:00" });

    expect([now.verdict, now.reason]).toEqual(["refused", "timestamp_old"]);
    expect(now.steps.at(-1)?.ok).toBe(false);
    expect(then.verdict).not.toBe("refused");
  });

  test("takes bytes in base64, and headers in any case and number", async () => {
    const body = `${bodyOf("standard")}\r\n`;
    const { headers } = await signed("standard", body);
    const shouted = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [` ${value} `]]),
    );
    const { verdict } = await explain("standard", {
      headers: shouted,
      body_base64: Buffer.from(body).toString("base64"),
    });
    expect(verdict).toBe("accepted");
  });

  test("says why a delivery is not believed, and shows no secret", async () => {
    const said: string[] = [];
    for (const name of SENDER_NAMES) {
      const { headers } = await signed(name, "{}");
      const forged = Object.fromEntries(
        Object.entries(headers).map(([key, value]) => [key, value.replace(/.{6}$/, "AAAAAA")]),
      );
      const explanation = await explain(name, { headers: forged, body: bodyOf(name) });
      expect([name, explanation.verdict, explanation.events]).toEqual([name, "refused", []]);
      said.push(JSON.stringify(explanation));
    }
    for (const secret of Object.values(SECRETS)) expect(said.join()).not.toContain(secret);
    expect(said.join()).not.toContain("AAAAAA");
  });

  test.each([
    { name: "malformed", body: "{", reason: "malformed" },
    {
      name: "broken",
      body: JSON.stringify(order("x", { version: 99 })),
      reason: "contract_violated",
    },
  ])("refuses a $name envelope", async ({ body, reason }) => {
    const explanation = await explain("standard", await signed("standard", body));
    expect([explanation.verdict, explanation.reason]).toEqual(["refused", reason]);
    expect(explanation.steps.at(-1)?.ok).toBe(false);
  });

  test("quarantines what a product says and we do not know", async () => {
    const list = [hubspotChange(1), hubspotChange(2, { subscriptionType: "deal.creation" })];
    const captured = await signed("hubspot", JSON.stringify(list));
    const { verdict, reason, events } = await explain("hubspot", captured);
    expect([verdict, reason]).toEqual(["quarantined", "unmapped"]);
    expect(events.map(({ code }) => code)).toEqual([undefined, "unmapped"]);
  });

  test("quarantines a connector's unreadable body", async () => {
    const { verdict, reason } = await explain("connector", { body: "?" });
    expect([verdict, reason]).toEqual(["quarantined", "malformed"]);
  });

  describe("of Debezium", () => {
    const secret = SECRETS.standard;
    const debezium = { scheme: "standard-webhooks-v1", secrets: [secret] };
    const explainSigned = async (body: string, headers: Record<string, string> = {}) => {
      rig.sources.set("cdc", {
        tenant: rig.tenant,
        source: "cdc",
        sender: "debezium",
        auth: debezium,
        options: {},
      });
      const proof = await sign("standard", { tenant: rig.tenant.tenant, body });
      return explain("cdc", { body, headers: { ...proof, ...headers } });
    };

    test("quarantines a body in an encoding that nobody unpacks", async () => {
      const { verdict, reason, steps } = await explainSigned("[1]", { "content-encoding": "br" });
      expect([verdict, reason]).toEqual(["quarantined", "malformed"]);
      expect(steps.at(-1)).toMatchObject({ step: "parse", ok: false });
      expect(steps.at(-1)?.detail).toContain("headers.content-encoding");
    });

    test("quarantines a signed body that is too long to be read", async () => {
      const { verdict, reason } = await explainSigned(`"${"x".repeat(CONNECTOR_BODY_BYTES_MAX)}"`);
      expect([verdict, reason]).toEqual(["quarantined", "too_large"]);
    });
  });

  test.each([
    { given: { method: "GET" }, reason: "method_not_allowed" },
    { given: { headers: { "Content-Encoding": "gzip" } }, reason: "unsupported_media_type" },
    { given: { body: "x".repeat(BODY_BYTES_MAX + 1) }, reason: "too_large" },
    {
      given: { body_base64: Buffer.alloc(BODY_BYTES_MAX + 1).toString("base64") },
      reason: "too_large",
    },
  ])("refuses as $reason before anything is verified", async ({ given, reason }) => {
    const explanation = await explain("standard", given);
    expect([explanation.verdict, explanation.reason]).toEqual(["refused", reason]);
    expect(explanation.steps.filter(({ ok }) => !ok)).toHaveLength(1);
  });

  test("counts headers by name, and refuses too many before all else", async () => {
    const body = bodyOf("standard");
    const { headers } = await signed("standard", body);
    const withMore = (count: number) => ({
      ...headers,
      ...Object.fromEntries(
        Array.from({ length: count - Object.keys(headers).length }, (_, at) => [`x-h${at}`, "1"]),
      ),
    });
    const few = await explain("standard", { headers: { ...withMore(100), "X-H0": "2" }, body });
    expect(few.verdict).toBe("accepted");
    const many = await explain("standard", { headers: withMore(101), body });
    expect([many.verdict, many.reason]).toEqual(["refused", "headers_too_many"]);
    expect(many.steps.map(({ step, ok }) => [step, ok])).toEqual([["headers", false]]);
    const answer = await rig.post("standard", body, withMore(101));
    expect(await answer.json()).toMatchObject({ code: many.reason });
  });

  test("says that a paused source would hold it", async () => {
    rig.sources.set("paused", makeSource(rig.tenant, "standard", { pausedMs: 1 }));
    const { steps } = await explain("paused", { body: "{}" });
    expect(steps.find(({ step }) => step === "source")?.detail).toContain("paused");
  });

  describe("greetings", () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const given = [
      { name: "woocommerce", request: { body: "webhook_id=5", headers: form }, says: "200" },
      { name: "zoho-desk", request: { method: "GET" }, says: "200" },
      { name: "zoho-payments", request: { method: "HEAD" }, says: "200" },
      {
        name: "braintree",
        request: { method: "GET" },
        query: "?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53",
        says: "and 56 characters",
      },
      {
        name: "cloudevents",
        request: {
          method: "OPTIONS",
          headers: { "WebHook-Request-Origin": "eventemitter.example" },
        },
        says: "WebHook-Allowed-Origin: eventemitter.example",
      },
    ];
    const secret = "merchant-public:merchant-private-0123";

    test.each(given)("of $name are accepted, as ingest answers them", async (greeting) => {
      const { name, request, query = "", says } = greeting;
      const sender = senders.get(name);
      if (sender === undefined) throw new Error(`No sender ${name}`);
      const auth = { scheme: sender.defaultScheme, secrets: [secret] };
      const greeted = { tenant: rig.tenant, source: name, sender: name, auth, options: {} };
      rig.sources.set(name, greeted);
      const url = urlOf(rig.tenant.tenant, name) + query;
      const { method = "POST", ...rest } = request;
      const { headers = {}, body } = { body: undefined, ...rest };
      const length = { "content-length": String(body?.length ?? 0) };
      const sent = { ...headers, ...length };
      const made = new Request(url, { method, headers: sent, ...(body && { body }) });
      const response = await rig.call(made, name);
      expect(response.status).toBe(200);

      const { verdict, steps, events } = await explain(name, { ...request, url });
      expect([verdict, events]).toEqual(["accepted", []]);
      expect(steps.at(-1)).toMatchObject({ step: "greet", ok: true });
      expect(steps.at(-1)?.detail).toContain(says);
      const answer = await response.text();
      expect(answer !== "" && JSON.stringify(steps).includes(answer)).toBe(false);
    });

    test("are none where a body is longer than any, or said to be", async () => {
      const body = "webhook_id=5";
      const pinged = { headers: { ...form, "content-length": "5000" }, body };
      const { steps } = await explain("woocommerce", pinged);
      expect(steps.map(({ step }) => step)).not.toContain("greet");
    });
  });

  test("believes no secret that everybody knows, as ingest, and says which it was", async () => {
    const published = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
    const timestamp = zendeskTimestamp(NOW_MS);
    const body = '{"type":"zen:event-type:ticket.created"}';
    const headers = await signZendesk({ secret: published, timestamp, body });
    for (const secrets of [[published], ["a-secret-of-our-own-01", published]]) {
      const auth = { scheme: "zendesk-hmac", secrets };
      const zendesk = {
        tenant: rig.tenant,
        source: "zendesk",
        sender: "zendesk",
        auth,
        options: {},
      };
      rig.sources.set("zendesk", zendesk);
      expect((await rig.post("zendesk", body, headers)).status).toBe(401);
      const { verdict, reason, steps, events } = await explain("zendesk", { headers, body });
      expect([verdict, events]).toEqual(["refused", []]);
      expect(["secret_unusable", "signature_mismatch"]).toContain(reason);
      expect(steps.at(-1)).toMatchObject({ step: "scheme", ok: false });
      expect(steps.at(-1)?.detail).toContain("everybody knows");
    }
  });

  test("refuses what a scheme on trial vouches for, as ingest, and judges it nonetheless", async () => {
    const sender = "http-signatures";
    const secret = Buffer.from("0123456789abcdef").toString("base64");
    const auth = { scheme: "rfc9421-known-answer", secrets: [secret] };
    rig.sources.set(sender, { tenant: rig.tenant, source: sender, sender, auth, options: {} });
    const body = bodyOf("standard");
    const url = urlOf(rig.tenant.tenant, sender);
    const headers = await signHttp({
      secret,
      algorithm: "hmac-sha256",
      method: "POST",
      url,
      body,
      createdS: NOW_S,
      headers: { "content-type": "application/json" },
    });
    expect((await rig.post(sender, body, headers)).status).toBe(401);
    const { verdict, reason, steps, events } = await explain(sender, { headers, body });
    expect([verdict, reason]).toEqual(["refused", "scheme_trial"]);
    expect(steps).toContainEqual(expect.objectContaining({ step: "signature", ok: true }));
    expect(events).toHaveLength(1);
  });

  test("answers 404 to an unknown source", async () => {
    expect((await ask("nobody", { url: "https://a.example/" })).status).toBe(404);
  });

  test.each([
    { name: "no object", given: 7 },
    { name: "no url", given: { method: "POST" } },
    { name: "two bodies", given: { url: "https://a.example/", body: "", body_base64: "" } },
    { name: "no base64", given: { url: "https://a.example/", body_base64: "%%%" } },
    { name: "no time", given: { url: "https://a.example/", received_at: "yesterday" } },
  ])("answers 422 to $name", async ({ given }) => {
    expect((await ask("standard", given)).status).toBe(422);
  });

  test("leaves room for the largest body in base64", () => {
    const [route] = explainRoutes({
      senders,
      directory: { source: async () => undefined },
      certificateAt: noCertificate,
      nowMs: () => 0,
    });
    expect(route?.bodyBytesMax).toBeGreaterThan((BODY_BYTES_MAX * 4) / 3 + 200_000);
  });

  test("never answers 5xx to an arbitrary capture", async () => {
    const captured = fc.record(
      {
        method: fc.string(),
        url: fc.oneof(fc.webUrl(), fc.string()),
        headers: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))),
        body: fc.string({ unit: "binary" }),
        received_at: fc.date().map(String),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SENDER_NAMES, "connector"),
        captured,
        async (source, given) => {
          expect((await ask(source, given)).status).toBeLessThan(500);
        },
      ),
      { numRuns: runs(200) },
    );
  });
});
