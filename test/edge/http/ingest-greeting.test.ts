import { describe, expect, test } from "vitest";
import { woocommerce } from "#src/senders/woocommerce.ts";
import { signWoocommerce } from "../../../scripts/signing/woocommerce.ts";
import { isDelivery, makeRig, type Rig, urlOf } from "../support/ingest-rig.ts";

const SECRET = "secret-0123456789";
const PING = "webhook_id=15";

const rigOf = () => makeRig({ senders: [woocommerce] });

/** A body that comes in pieces, its length not announced: as HTTP/1.1 proxies send it. */
function chunked(rig: Rig, text: string, headers: Record<string, string> = {}) {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + 7));
      at += 7;
    },
  });
  const request = new Request(urlOf(rig.tenant.tenant, "woocommerce"), {
    method: "POST",
    body,
    headers,
  });
  expect(request.headers.get("content-length")).toBeNull();
  return rig.call(request, "woocommerce");
}

describe("a body whose length is not announced", () => {
  test("is greeted where it is a ping", async () => {
    const rig = await rigOf();
    expect((await chunked(rig, PING)).status).toBe(200);
    expect(rig.queue.sent).toEqual([]);
  });

  test.each([
    ["empty", ""],
    ["short", "{}"],
    ["longer than a ping may be", PING.padEnd(40, "0")],
    ["longer than any greeting", PING.repeat(200)],
  ])("is no greeting where it is %s", async (_name, text) => {
    const rig = await rigOf();
    expect((await chunked(rig, text)).status).toBe(401);
  });

  test.each([10, 5000])("is read to its end after it was looked at: %s bytes", async (length) => {
    const rig = await rigOf();
    const body = JSON.stringify({ id: 7, note: "x".repeat(length) });
    const signature = await signWoocommerce({ secret: SECRET, body });
    const topic = { "x-wc-webhook-topic": "order.updated" };
    const response = await chunked(rig, body, { ...signature, ...topic });
    expect(response.status).toBe(202);
    expect(rig.queue.sent.filter(isDelivery)).toHaveLength(1);
  });
});
