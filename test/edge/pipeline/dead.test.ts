import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { consume } from "#src/compose/queues.ts";
import type { DeliveryMessage, Message } from "#src/edge/message.ts";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, lineOf, type Line, outcomesOf } from "../support/line.ts";

async function consumeDead(line: Line, bodies: readonly Message[]) {
  const batch = createMessageBatch<Message>(
    "upline-local-events-0-dead",
    bodies.map((body, i) => ({ id: `d${i}`, timestamp: new Date(), attempts: 1, body })),
  );
  const ctx = createExecutionContext();
  await consume(batch, line.parts);
  return getQueueResult(batch, ctx);
}

const heldOf = async (tenant: string) =>
  (
    await env.MIRROR_0.prepare(
      "SELECT sender_id, state, code, key, message FROM held WHERE tenant = ? ORDER BY sender_id",
    )
      .bind(tenant)
      .all<{ sender_id: string; state: string; code: string; key: string; message: string }>()
  ).results;

test("keeps each event of a dead letter, from where a retry applies it", async () => {
  const line = await lineOf("B");
  const { tenant } = line.company;
  await line.post(w2("B"));
  const [letter] = line.queued.splice(0);
  if (letter === undefined) throw new Error("Nothing was queued");

  const result = await consumeDead(line, [letter.body]);
  expect(result.explicitAcks).toEqual(["d0"]);
  const held = await heldOf(tenant);
  expect(held.map(({ sender_id, state, code }) => ({ sender_id, state, code }))).toEqual(
    [1, 2, 3, 4, 5].map((seq) => ({
      sender_id: `B-${seq}`,
      state: "dead",
      code: "attempts_exhausted",
    })),
  );
  expect(new Set(Object.values(await outcomesOf(tenant)))).toEqual(new Set(["dead"]));

  const again: DeliveryMessage[] = held.map(({ message }) => JSON.parse(message));
  line.queued.push(...again.toReversed().map((body, i) => ({ id: `r${i}`, body, attempts: 1 })));
  await line.drain();
  expect(await heldOf(tenant)).toEqual([]);
  expect(new Set(Object.values(await outcomesOf(tenant)))).toEqual(new Set(["applied"]));
  await expectMirrorEqualsObjects(tenant);
});

test("a letter that had landed after all leaves no dead event", async () => {
  const line = await lineOf("B");
  await line.post(w2("B"));
  const bodies = line.queued.map(({ body }) => body);
  await line.drain();
  await consumeDead(line, bodies);
  expect(await heldOf(line.company.tenant)).toEqual([]);
  expect(new Set(Object.values(await outcomesOf(line.company.tenant)))).toEqual(
    new Set(["applied"]),
  );
});

test("shows a delivery that nobody can open, under ids of our own", async () => {
  const line = await lineOf("B");
  await line.post(w2("B")[0] ?? {});
  const [letter] = line.queued.splice(0);
  if (letter?.body.kind !== "delivery") throw new Error("No delivery was queued");
  const lost: DeliveryMessage = { ...letter.body, body: { claim: "claims/lost" } };
  await consumeDead(line, [lost]);
  expect(await heldOf(line.company.tenant)).toMatchObject([
    { sender_id: `${lost.deliveryId}#0`, state: "dead", code: "delivery_unreadable" },
  ]);
});
