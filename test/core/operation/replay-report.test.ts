import { expect, test } from "vitest";
import {
  addAfter,
  addPage,
  LOST,
  NO_REPLAY_REPORT,
  OTHERS,
  type Played,
} from "#src/core/operation/replay-report.ts";

const played = (n: number, of: Partial<Played> = {}): Played => ({
  event: { event_id: `evt_${n}`, source: "shop", delivery_id: `dlv_${n}`, type: "order.placed" },
  standing: "applied",
  isDecidedAnew: false,
  ...of,
});

test("a page is counted by how its events stood, and by what became of them", () => {
  const page = [
    played(1),
    played(2, { standing: "quarantined", isDecidedAnew: true }),
    played(3, { standing: "discarded", isDecidedAnew: true, skipped: "discarded" }),
    played(4, { standing: LOST, isDecidedAnew: true }),
    played(5, { standing: undefined, skipped: "not_found" }),
  ];
  const once = addPage(NO_REPLAY_REPORT, { played: page, deliveries: 3, bytes: 500 });
  expect(once).toEqual({
    ...NO_REPLAY_REPORT,
    deliveries: 3,
    events: { found: 4, sent: 3, skipped: 2, lost: 1 },
    bytes: 500,
    before: { applied: 1, quarantined: 1, discarded: 1, lost: 1 },
    sources: { shop: 3 },
    types: { "order.placed": 3 },
    decided_anew: {
      events: 2,
      examples: [
        { event_id: "evt_2", source: "shop", delivery_id: "dlv_2" },
        { event_id: "evt_4", source: "shop", delivery_id: "dlv_4" },
      ],
    },
    skipped: {
      discarded: {
        events: 1,
        examples: [{ event_id: "evt_3", source: "shop", delivery_id: "dlv_3" }],
      },
      not_found: {
        events: 1,
        examples: [{ event_id: "evt_5", source: "shop", delivery_id: "dlv_5" }],
      },
    },
  });
  const twice = addPage(once, { played: page, deliveries: 3, bytes: 500 });
  expect(twice).toMatchObject({
    deliveries: 6,
    events: { found: 8, sent: 6, skipped: 4, lost: 2 },
    bytes: 1000,
    skipped: { discarded: { events: 2 }, not_found: { events: 2 } },
  });
});

test("examples and names are the first ones, and the rest is counted", () => {
  const many = Array.from({ length: 250 }, (_, n) => {
    const { event } = played(n);
    return played(n, { event: { ...event, type: `t${n}` }, isDecidedAnew: true });
  });
  const { decided_anew, types } = addPage(NO_REPLAY_REPORT, {
    played: many,
    deliveries: 250,
    bytes: 0,
  });
  expect(decided_anew.events).toBe(250);
  expect(decided_anew.examples.map(({ event_id }) => event_id)).toEqual(
    many.slice(0, 10).map(({ event }) => event.event_id),
  );
  expect(Object.keys(types)).toHaveLength(101);
  expect(types[OTHERS]).toBe(150);
});

test("names are no members of objects", () => {
  const { event } = played(1);
  const odd = ["constructor", "__proto__"].map((type) => played(1, { event: { ...event, type } }));
  const page = { played: odd, deliveries: 1, bytes: 0 };
  const { types } = addPage(addPage(NO_REPLAY_REPORT, page), page);
  expect(Object.entries(types)).toEqual([
    ["constructor", 2],
    ["__proto__", 2],
  ]);
});

test("what has no type, or no source, is counted all the same", () => {
  const { event } = played(1);
  const odd = [played(1, { event: { ...event, type: null } })];
  const { types } = addPage(NO_REPLAY_REPORT, { played: odd, deliveries: 1, bytes: 0 });
  expect(types).toEqual({ unknown: 1 });
});

test("how it stands afterwards is counted beside, page by page; also of nothing", () => {
  expect(NO_REPLAY_REPORT.after).toBeNull();
  expect(addAfter(NO_REPLAY_REPORT, [], 5)).toMatchObject({ after: {}, counted_ms: 5 });
  const one = addAfter(NO_REPLAY_REPORT, ["applied", "applied"], 5);
  expect(addAfter(one, ["applied", "dead"], 7)).toMatchObject({
    after: { applied: 3, dead: 1 },
    counted_ms: 7,
    before: {},
  });
});
