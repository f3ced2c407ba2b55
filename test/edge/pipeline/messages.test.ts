import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { eventsPorts } from "#src/compose/queues.ts";
import type { DeliveryMessage } from "#src/edge/message.ts";
import { consumeEvents } from "#src/edge/queue/consume-events.ts";
import { w2 } from "../support/company.ts";
import { layLine, lineOf, outcomesOf } from "../support/line.ts";

/** Of a type that no room applies yet. */
const erasure = (id: string) => ({
  id,
  type: "subject.erased",
  version: 1,
  occurred_at: "2026-07-01T10:00:00.000Z",
  data: { customer_id: id, basis: "asked" },
});

const heldOf = async (tenant: string) =>
  (
    await env.MIRROR_0.prepare(
      "SELECT sender_id, state, code, length(message) AS chars FROM held WHERE tenant = ?",
    )
      .bind(tenant)
      .all<{ sender_id: string; state: string; code: string; chars: number }>()
  ).results;

test("messages beyond an invocation's budget are sent again, not tried in vain", async () => {
  const line = await layLine();
  const eventIds = Array.from({ length: 1000 }, (_, i) => `evt_${i}`);
  const body: DeliveryMessage = {
    kind: "delivery",
    tenant: line.company.tenant,
    source: "core",
    sender: "standard",
    deliveryId: "dlv_x",
    receivedAtMs: 0,
    method: "POST",
    url: "https://gateway.example",
    headers: {},
    body: { claim: "claims/gone" },
    eventIds,
  };
  const acts: string[] = [];
  const messages: Message<DeliveryMessage>[] = Array.from({ length: 20 }, (_, i) => ({
    id: String(i),
    timestamp: new Date(),
    attempts: 1,
    body,
    ack: () => acts.push("ack"),
    retry: () => acts.push("retry"),
  }));
  await consumeEvents(messages, eventsPorts(line.parts, 0));
  // Eight were tried and failed (the claim is gone); the others went back as they were.
  expect(acts.filter((act) => act === "retry")).toHaveLength(8);
  expect(line.queued.map(({ body: sent }) => sent)).toEqual(Array.from({ length: 12 }, () => body));
});

test("what a delivery of many unapplied events leaves is one body, and a claim an event", async () => {
  const line = await layLine();
  await line.post(Array.from({ length: 300 }, (_, i) => erasure(`C${i}`)));
  await line.drain();
  const held = await heldOf(line.company.tenant);
  expect(held).toHaveLength(300);
  expect(new Set(held.map(({ state, code }) => `${state} ${code}`))).toEqual(
    new Set(["quarantined type_not_applied"]),
  );
  expect(Math.max(...held.map(({ chars }) => chars))).toBeLessThan(1000);
});

test("what reads as fewer items than at the edge is kept for a person", async () => {
  const line = await lineOf("B");
  await line.post(w2("B")[0] ?? {});
  const [message] = line.queued.splice(0);
  if (message?.body.kind !== "delivery") throw new Error("No delivery was queued");
  const eventIds = [...message.body.eventIds, "evt_promised"];
  line.queued.push({ ...message, body: { ...message.body, eventIds } });
  await line.drain();
  expect(await outcomesOf(line.company.tenant)).toMatchObject({ "B-1": "applied" });
  expect(await heldOf(line.company.tenant)).toMatchObject([{ state: "quarantined" }]);
});

test("a message of a kind that only a newer version knows fails alone", async () => {
  const line = await lineOf("B");
  await line.post(w2("B")[0] ?? {});
  const strange = JSON.parse('{"kind":"tomorrow","tenant":"t"}');
  line.queued.push({ id: "strange", attempts: 1, body: strange });
  expect(await line.run()).toEqual({ acked: 1, retried: 1 });
  line.queued.length = 0;
});

test("what was accepted for a paused source is let in when the source is deleted", async () => {
  const line = await lineOf("B");
  const { api, tenant, post, settled } = line.company;
  const path = `/v1/tenants/${tenant}/sources/core`;
  expect((await api(`POST ${path}/pause`)).status).toBe(200);
  expect((await post(w2("B")[0] ?? {})).status).toBe(202);
  const busy = await (await api(`GET /v1/tenants/${tenant}/pipeline`)).json<{ idle: boolean }>();
  expect(busy.idle).toBe(false);
  expect((await api(`DELETE ${path}`)).status).toBe(204);
  expect((await settled(["B-1"])).get("B-1")).toBe("applied");
});

test("a resumed source goes on at once", async () => {
  const line = await lineOf("B");
  const { api, tenant, post, settled } = line.company;
  const path = `/v1/tenants/${tenant}/sources/core`;
  await api(`POST ${path}/pause`);
  await post(w2("B")[0] ?? {});
  await api(`POST ${path}/resume`);
  expect((await settled(["B-1"])).get("B-1")).toBe("applied");
});

test("a tenant of a jurisdiction is served by a local shard", async () => {
  const { foundCompany } = await import("../support/company.ts");
  const company = await foundCompany({ jurisdiction: "eu" });
  await company.enrol("B");
  await company.post(w2("B")[0] ?? {});
  expect((await company.settled(["B-1"])).get("B-1")).toBe("applied");
});
