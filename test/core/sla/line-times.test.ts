import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineTimes, receivedMsIn } from "#src/core/sla/line-times.ts";
import type { Cause, Entry, LoggedEvent } from "#src/core/subject/entry.ts";
import { eventId } from "#src/edge/event-id.ts";

const RECEIVED_MS = Date.UTC(2026, 6, 1, 10);
const DAY_MS = 86_400_000;
const EVENT_ID = "evt_019fbd20-5400-7abc-8def-0123456789ab";

const LINE = {
  line_id: "L1",
  distributor_id: "B",
  order_id: null,
  component: "unilevel",
  level: 1,
  depth: null,
  rate_ppm: null,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  state: "held",
  period_id: null,
  effective_ms: 0,
} as const;

const event = (more: Partial<LoggedEvent> = {}): LoggedEvent => ({
  event_id: EVENT_ID,
  id: "e1",
  source: "core",
  type: "commission.posted",
  key: "dist:B",
  epoch: 0,
  occurred_ms: RECEIVED_MS - 700,
  received_ms: RECEIVED_MS,
  payload_sha256: "",
  delivery_id: "d1",
  ...more,
});

const entry = (more: Partial<Entry>, lines = 2): Entry => ({
  recorded_ms: RECEIVED_MS + 90,
  effects: { lines: Array.from({ length: lines }, () => LINE) },
  ...more,
});

const cause = (more: Partial<Cause> = {}): Cause => ({
  kind: "line",
  event_id: eventId(RECEIVED_MS),
  occurred_ms: RECEIVED_MS - 700,
  ...more,
});

const TIMES = {
  lines: 2,
  passage: undefined,
  receivedMs: RECEIVED_MS,
  recordedMs: RECEIVED_MS + 90,
  producerMs: 700,
};

test("receivedMsIn() finds the instant that an id was made of, and none in another id", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
      expect(receivedMsIn(eventId(ms))).toBe(ms);
    }),
  );
  for (const id of ["", "plan:main:2", "close:main:2026-07", "evt_recon", EVENT_ID.slice(4)]) {
    expect(receivedMsIn(id)).toBeUndefined();
  }
});

describe("lineTimes()", () => {
  const begun = RECEIVED_MS + 60;
  test.each<{ name: string; given: Entry; startedMs?: number; expected: object }>([
    {
      name: "what an event changed",
      given: entry({ event: event() }),
      expected: { ...TIMES, queueMs: 60, applyMs: 30 },
    },
    {
      name: "what an order passed on",
      given: entry({ cause: cause() }, 1),
      expected: { ...TIMES, lines: 1, queueMs: 60, applyMs: 30 },
    },
    {
      name: "what an earlier try has applied: it waited for the queue all the while",
      given: entry({ event: event() }),
      startedMs: RECEIVED_MS + 9000,
      expected: { ...TIMES, queueMs: 90 },
    },
    {
      name: "a sender whose clock is ahead",
      given: entry({ event: event({ occurred_ms: RECEIVED_MS + 5000 }) }),
      expected: { ...TIMES, producerMs: 0, queueMs: 60, applyMs: 30 },
    },
    {
      name: "what was kept back: it stood in no queue",
      given: entry({ event: event({ passage: "waited" }) }),
      expected: { ...TIMES, passage: "waited" },
    },
    {
      name: "what nobody waited for",
      given: entry({ cause: cause({ passage: "aside" }) }),
      expected: { ...TIMES, passage: "aside" },
    },
    {
      name: "what the mirror has lacked for a day",
      given: entry({ event: event() }),
      startedMs: RECEIVED_MS + 90 + DAY_MS,
      expected: { ...TIMES, queueMs: 90 },
    },
  ])("times $name", ({ given, startedMs = begun, expected }) => {
    expect(lineTimes(given, startedMs)).toEqual(expected);
  });

  test.each<{ name: string; given: Entry; startedMs?: number }>([
    { name: "a row without lines", given: entry({ event: event() }, 0) },
    { name: "a holdback that ended", given: entry({ cause: cause({ kind: "due" }) }) },
    {
      name: "what a person did",
      given: entry({ cause: cause({ kind: "act", event_id: "wo-1" }) }),
    },
    { name: "what a run told", given: entry({ cause: cause({ event_id: "close:main:2026-07" }) }) },
    { name: "what nothing has brought about", given: entry({}) },
    {
      name: "what the mirror had before and has lost",
      given: entry({ event: event() }),
      startedMs: RECEIVED_MS + 91 + DAY_MS,
    },
  ])("leaves out $name", ({ given, startedMs = begun }) => {
    expect(lineTimes(given, startedMs)).toBeUndefined();
  });

  test("tells no queue where nobody knows when the batch was begun", () => {
    expect(lineTimes(entry({ event: event() }), undefined)).toEqual(TIMES);
  });
});
