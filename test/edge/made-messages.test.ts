import fc from "fast-check";
import { expect, it } from "vitest";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { madeMessages } from "#src/edge/made-messages.ts";
import { MESSAGE_BYTES_MAX } from "#src/edge/message.ts";

const ORIGIN = { tenant: "acme", deliveryId: "recon_1", receivedAtMs: 0 };

const event = (id: string, chars: number): GatewayEvent => ({
  id,
  source: "upline:recon",
  type: "commission.reversed",
  version: 1,
  occurredAtMs: 0,
  key: "dist:42",
  epoch: 0,
  data: { cause: "é".repeat(chars) },
});

it("fits every message into the queue, keeps each order, and a group together where it can be", () => {
  const groups = fc.array(fc.array(fc.nat(9000), { minLength: 1, maxLength: 12 }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(groups, (sizes) => {
      const given = sizes.map((of, g) => of.map((chars, i) => event(`${g}.${i}`, chars)));
      const made = madeMessages(ORIGIN, given, { eventIdOf: ({ id }) => `evt_${id}` });
      const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
      for (const message of made) expect(bytes(message)).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
      const ids = made.map(({ events }) => events.map((one) => one.event.id));
      expect(ids.flat()).toEqual(given.flat().map(({ id }) => id));
      const torn = given.filter((group, g) => {
        const holding = ids.filter((of) => of.some((id) => id.startsWith(`${g}.`)));
        return holding.length > 1 && bytes(group) < MESSAGE_BYTES_MAX - 2000;
      });
      expect(torn).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

it("takes fewer events to a message where somebody wants that, and tears no group for it", () => {
  const groups = [3, 2, 1, 7, 1].map((n, g) =>
    Array.from({ length: n }, (_, i) => event(`${g}.${i}`, 1)),
  );
  const made = madeMessages(ORIGIN, groups, { eventIdOf: ({ id }) => `evt_${id}`, eventsMax: 5 });
  expect(made.map(({ events }) => events.length)).toEqual([5, 1, 7, 1]);
});
