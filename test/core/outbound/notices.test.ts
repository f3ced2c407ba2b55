import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTelling, noticesOf } from "#src/core/outbound/notices.ts";
import { type Entry, type LoggedEvent, OUTCOMES } from "#src/core/subject/entry.ts";

const AT_MS = Date.UTC(2026, 6, 1, 10);
const PLACE = { subject: "order:O1", position: 7 };

const event: LoggedEvent = {
  event_id: "evt_1",
  id: "pay-1",
  source: "shop",
  type: "payment.confirmed",
  key: "order:O1",
  epoch: 0,
  rev: "3",
  occurred_ms: AT_MS,
  received_ms: AT_MS + 1000,
  payload_sha256: "9f86",
  delivery_id: "dlv_1",
  archive: "raw/x",
};

const message = {
  key: "msg:payment_confirmed:P1",
  kind: "payment_confirmed",
  about: {
    payment_id: "P1",
    order_id: "O1",
    source_node: "N1",
    amount_minor: 990_099,
    currency: "USD",
  },
};

const entry = (more: Partial<Entry> = {}): Entry => ({
  recorded_ms: AT_MS + 2000,
  event,
  outcome: "applied",
  effects: {},
  ...more,
});

describe("noticesOf()", () => {
  test("tells of an applied event who, what and when, and nothing else", () => {
    expect(noticesOf(PLACE, entry())).toEqual([
      {
        id: "evt_1",
        type: "payment.confirmed",
        source: "shop",
        eventId: "evt_1",
        subject: "order:O1",
        recordedMs: AT_MS + 2000,
        body: {
          type: "payment.confirmed",
          timestamp: "2026-07-01T10:00:00.000Z",
          data: {
            event_id: "evt_1",
            id: "pay-1",
            source: "shop",
            subject: "order:O1",
            position: 7,
            occurred_at: "2026-07-01T10:00:00.000Z",
            received_at: "2026-07-01T10:00:01.000Z",
            recorded_at: "2026-07-01T10:00:02.000Z",
          },
        },
      },
    ]);
  });

  test("tells of a message by its key, as what its event's source told", () => {
    const [, told] = noticesOf(PLACE, entry({ effects: { messages: [message] } }));
    expect(told).toEqual({
      id: message.key,
      type: "message.payment_confirmed",
      source: "shop",
      eventId: "evt_1",
      subject: "order:O1",
      recordedMs: AT_MS + 2000,
      body: {
        type: "message.payment_confirmed",
        timestamp: "2026-07-01T10:00:02.000Z",
        data: {
          key: message.key,
          kind: "payment_confirmed",
          subject: "order:O1",
          position: 7,
          about: { payment_id: "P1", order_id: "O1", source_node: "N1" },
          recorded_at: "2026-07-01T10:00:02.000Z",
        },
      },
    });
  });

  test("tells of what a message is about its ids, and no rank or anything else", () => {
    const about = {
      distributor_id: "D1",
      period_id: null,
      pay_rank: "gold",
      career_rank: 7,
      identity: "x",
      _idle: "x",
      source_nodes: "x",
    };
    const rank = { key: "msg:rank_changed:D1:2026-07:0.1", kind: "rank_changed", about };
    const [, told] = noticesOf(PLACE, entry({ effects: { messages: [rank] } }));
    expect(told?.body["data"]).toEqual({
      key: rank.key,
      kind: "rank_changed",
      subject: "order:O1",
      position: 7,
      about: { distributor_id: "D1", period_id: null },
      recorded_at: "2026-07-01T10:00:02.000Z",
    });
  });

  test("tells of a message that no event brought as of nobody's", () => {
    const cause = { kind: "due", event_id: "evt_9", occurred_ms: AT_MS } as const;
    const due = { recorded_ms: AT_MS, cause, effects: { messages: [message] } };
    const [told, ...more] = noticesOf(PLACE, due);
    expect(more).toEqual([]);
    expect(told).not.toHaveProperty("source");
    expect(told).not.toHaveProperty("eventId");
  });

  test.each(OUTCOMES.filter((outcome) => outcome !== "applied"))(
    "tells of none that is %s",
    (outcome) => {
      expect(noticesOf(PLACE, entry({ outcome }))).toEqual([]);
      expect(isTelling(entry({ outcome }))).toBe(false);
    },
  );

  test("lets nothing of an event's effects out, and answers the same each time", () => {
    const SECRET = "Ana Kos";
    const effects = fc.record({
      transfers: fc.constant([
        {
          rule: "P3",
          debit: `exp:${SECRET}`,
          credit: SECRET,
          amount_minor: 990_099,
          currency: "USD",
          reference: SECRET,
        },
      ]),
      standings: fc.constant([
        {
          kind: "status" as const,
          period_id: "",
          epoch: 0,
          rev: "1",
          effective_ms: 0,
          value: { name: SECRET },
        },
      ]),
      record: fc.constant({
        kind: "customer",
        id: SECRET,
        epoch: 0,
        rev: "1",
        occurred_ms: 0,
        value: { email: SECRET },
      }),
      messages: fc.constantFrom([], [message]),
    });
    const anyEntry = fc.record({
      effects,
      outcome: fc.constantFrom(...OUTCOMES),
      reason: fc.constant(SECRET),
      recorded_ms: fc.integer({ min: 0, max: AT_MS }),
    });
    fc.assert(
      fc.property(anyEntry, (more) => {
        const given = entry(more);
        const told = noticesOf(PLACE, given);
        expect(JSON.stringify(told)).not.toMatch(/Ana Kos|990099|USD|9f86|raw\/x/);
        expect(isTelling(given)).toBe(told.length > 0);
        expect(noticesOf(PLACE, structuredClone(given))).toEqual(told);
      }),
    );
  });
});
