import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Notice } from "#src/core/outbound/notice.ts";
import { type KnownSubscription, wanting, wants } from "#src/core/outbound/wants.ts";

const notice = (more: Partial<Notice> = {}): Notice => ({
  id: "evt_1",
  type: "payment.confirmed",
  source: "core",
  eventId: "evt_1",
  subject: "order:O1",
  recordedMs: 1000,
  body: {},
  ...more,
});

const ofNobody = (): Notice => {
  const { source: _source, eventId: _eventId, ...rest } = notice();
  return { ...rest, id: "msg:rank_changed:B:2026-07:0.1", type: "message.rank_changed" };
};

const subscription = (more: Partial<KnownSubscription> = {}): KnownSubscription => ({
  subscription: "all",
  destination: "crm",
  types: ["*"],
  sinceMs: 0,
  destinationMs: 0,
  ...more,
});

describe("wants()", () => {
  test.each([
    { name: "everything", is: true, more: {} },
    { name: "a type of its", is: true, more: { types: ["rank.changed", "payment.*"] } },
    { name: "another type", is: false, more: { types: ["payment.failed", "message.*"] } },
    { name: "a source of its", is: true, more: { sources: ["bank", "core"] } },
    { name: "another source", is: false, more: { sources: ["bank"] } },
    { name: "a source that it leaves out", is: false, more: { exceptSources: ["bank", "core"] } },
    { name: "another one than those", is: true, more: { exceptSources: ["bank"] } },
    { name: "what was recorded as it began", is: true, more: { sinceMs: 1000 } },
    { name: "what was recorded before", is: false, more: { sinceMs: 1001 } },
  ])("of $name: $is", ({ more, is }) => {
    expect(wants(subscription(more), notice())).toBe(is);
  });

  test.each([
    { name: "any", is: true, more: {} },
    { name: "named ones", is: false, more: { sources: ["core"] } },
    { name: "all but named ones", is: true, more: { exceptSources: ["core"] } },
  ])("what no source told, of $name: $is", ({ more, is }) => {
    expect(wants(subscription(more), ofNobody())).toBe(is);
  });
});

describe("wanting()", () => {
  test("tells each destination once, whatever the order: for the first that wants it", () => {
    const some = fc.array(
      fc.record({
        subscription: fc.constantFrom("a", "b", "c", "d", "e", "f"),
        destination: fc.constantFrom("crm", "shop", "warehouse"),
        types: fc.constantFrom(["*"], ["payment.*"], ["rank.changed"]),
        sinceMs: fc.constantFrom(0, 2000),
        destinationMs: fc.constant(0),
      }),
    );
    fc.assert(
      fc.property(some, (given) => {
        const told = wanting(given, notice());
        const expected = new Map<string, string>();
        for (const one of given.toSorted((a, b) => (a.subscription < b.subscription ? -1 : 1))) {
          if (wants(one, notice()) && !expected.has(one.destination)) {
            expected.set(one.destination, one.subscription);
          }
        }
        expect(new Map(told.map((one) => [one.destination, one.subscription]))).toEqual(expected);
        expect(told).toHaveLength(expected.size);
      }),
    );
  });
});
