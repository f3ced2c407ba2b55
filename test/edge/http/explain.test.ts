import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { explainRoutes, type Explanation } from "#src/edge/http/explain.ts";
import { BODY_BYTES_MAX } from "#src/senders/sender.ts";
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
    expect(steps.slice(0, 4)).toEqual(["method", "size", "encoding", "source"]);
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

  test("says that a paused source would hold it", async () => {
    rig.sources.set("paused", makeSource(rig.tenant, "standard", { pausedMs: 1 }));
    const { steps } = await explain("paused", { body: "{}" });
    expect(steps.find(({ step }) => step === "source")?.detail).toContain("paused");
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
