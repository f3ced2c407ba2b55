import { expect, test } from "vitest";
import { CLOSED } from "#src/core/outbound/breaker.ts";
import { webhook } from "#src/destinations/webhook.ts";
import { sendInLanes } from "#src/edge/outbound/lanes.ts";
import { idOf, layDestination, SECRET, URL_OF_HOOK } from "./rig.ts";

const settings = {
  kind: "webhook",
  url: URL_OF_HOOK,
  secrets: [SECRET],
  perMinute: 600,
  concurrency: 1,
};

test("a slot that no lane was free for lapses, and what it was for stays due", async () => {
  const rig = await layDestination();
  const beganMs = rig.clock.ms;
  rig.receiver.latencyMs = 370;
  const slots = Array.from({ length: 20 }, (_, n) => beganMs + 100 * n);
  const due = slots.map((dueMs, n) => ({
    deliveryId: idOf(n),
    body: "{}",
    step: 0,
    attempts: [],
    dueMs,
  }));
  const load = { kind: webhook, settings, due, slots, breaker: CLOSED, lanes: 1 };
  const { results, isGone } = await sendInLanes(rig.ports, load);
  const begun = rig.got.map(({ atMs }) => atMs - beganMs);
  expect(begun).toEqual([0, 400, 800, 1200, 1600]);
  expect(rig.got.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4].map(idOf));
  expect(results.map(({ deliveryId, state }) => [deliveryId, state])).toEqual(
    [0, 1, 2, 3, 4].map((n) => [idOf(n), "delivered"]),
  );
  expect(isGone).toBe(false);
});
