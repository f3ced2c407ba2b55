import { describe, expect, test } from "vitest";
import { partArchive, putArchive } from "#src/edge/archive/archive.ts";
import { getClaim, putClaim } from "#src/edge/archive/claims.ts";
import { openDelivery } from "#src/edge/archive/open-delivery.ts";
import { bindings, isDelivery, makeRig, makeTenant, NOW_MS, order } from "../support/ingest-rig.ts";

const archive = bindings.ARCHIVE_0;
/** WebCrypto's, of a tag that does not fit. */
const UNSEALED = /decrypt|operation/i;

async function deliver(count: number) {
  const rig = await makeRig();
  for (let i = 0; i < count; i += 1) {
    await rig.deliver("standard", JSON.stringify(order(`e${i}`)));
  }
  return { ...rig, messages: rig.queue.sent.filter(isDelivery) };
}

describe("archive", () => {
  test("puts one object per tenant and batch, a line per delivery, still sealed", async () => {
    const [one, two] = [await deliver(3), await deliver(2)];
    const mixed = one.messages.flatMap((message, i) => [message, ...two.messages.slice(i, i + 1)]);
    const parts = partArchive(mixed, { batchId: "batch-1", nowMs: NOW_MS });

    expect(parts.map(({ tenant, objectKey, lines }) => [tenant, objectKey, lines.length])).toEqual(
      [one, two].map(({ tenant, messages }) => [
        tenant.tenant,
        `raw/tenant=${tenant.tenant}/date=2026-11-22/hour=09/batch-1.ndjson`,
        messages.length,
      ]),
    );
    // Twice: a batch that is delivered again changes nothing.
    for (const part of [...parts, ...parts]) await putArchive(archive, part);
    const stored = await archive.get(parts[0]?.objectKey ?? "");
    const lines = ((await stored?.text()) ?? "").trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(one.messages);
    expect(lines.join()).not.toContain("order.cancelled");
  });

  test("makes no object of nothing", () => {
    expect(partArchive([], { batchId: "b", nowMs: NOW_MS })).toEqual([]);
  });
});

describe("claims", () => {
  test("gives back what was put, and throws for what is gone", async () => {
    const claim = await putClaim(archive, { tenant: "t", deliveryId: "d" }, "sealed");
    expect([claim, await getClaim(archive, claim)]).toEqual(["claims/t/d", "sealed"]);
    await expect(getClaim(archive, "claims/t/none")).rejects.toThrow(
      'Cannot open claim "claims/t/none"',
    );
  });
});

describe("openDelivery()", () => {
  test("gives the delivery as it arrived, its headers by any case", async () => {
    const { messages, tenant } = await deliver(1);
    const [message] = messages;
    if (message === undefined) throw new Error("Nothing was sent");
    const delivery = await openDelivery(message, tenant, archive);

    expect(new TextDecoder().decode(delivery.body)).toBe(JSON.stringify(order("e0")));
    expect([delivery.method, delivery.receivedAtMs]).toEqual(["POST", NOW_MS]);
    expect(["Webhook-Id", "webhook-signature", "toString"].map(delivery.header)).toEqual([
      "msg_1",
      undefined,
      undefined,
    ]);
  });

  test("does not open a body under another tenant's key, nor in another delivery's place", async () => {
    const { messages, tenant } = await deliver(2);
    const [message, other] = messages;
    if (message === undefined || other === undefined) throw new Error("Nothing was sent");
    const stranger = await makeTenant(tenant.tenant);

    await expect(openDelivery(message, stranger, archive)).rejects.toThrow(UNSEALED);
    const moved = { ...message, body: other.body };
    await expect(openDelivery(moved, tenant, archive)).rejects.toThrow(UNSEALED);
  });
});
