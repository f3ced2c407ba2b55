import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answeredAt, isSlow, NOTHING_UNREAD, sentTo, type Unread } from "#src/core/live/unread.ts";

const LIMITS = { messages: 3, chars: 100 };

const send = (unread: Unread, count: number, atMs = 0): Unread =>
  Array.from({ length: count }).reduce<Unread>((at) => sentTo(at, 10, atMs), unread);

describe("unread", () => {
  test("a reader is slow when more than the limits are under way", () => {
    expect(isSlow(send(NOTHING_UNREAD, 3), LIMITS)).toBe(false);
    expect(isSlow(send(NOTHING_UNREAD, 4), LIMITS)).toBe(true);
    expect(isSlow(sentTo(NOTHING_UNREAD, 101, 0), LIMITS)).toBe(true);
  });

  test("a heartbeat confirms what was sent before, and nothing that was sent after the mark", () => {
    const sent = send(send(NOTHING_UNREAD, 1, 10), 2, 30);
    expect(answeredAt(sent, 20)).toEqual({ messages: 2, chars: 20 });
    // Of the same millisecond nobody knows which came first.
    expect(answeredAt(sent, 10)).toBe(sent);
    expect(answeredAt(sent, 5)).toBe(sent);
  });

  test("an old heartbeat confirms nothing of what was sent since", () => {
    const confirmed = answeredAt(send(NOTHING_UNREAD, 3, 10), 20);
    expect(answeredAt(send(confirmed, 2, 30), 20)).toMatchObject({ messages: 4 });
  });

  test("is never less than what is really under way, whatever comes when", () => {
    const step = fc.record({ sends: fc.boolean(), later: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let unread = NOTHING_UNREAD;
        let nowMs = 0;
        let answeredMs: number | undefined;
        const sentMs: number[] = [];
        for (const { sends, later } of steps) {
          nowMs += later;
          if (!sends) {
            answeredMs = nowMs;
            continue;
          }
          if (answeredMs !== undefined) unread = answeredAt(unread, answeredMs);
          unread = sentTo(unread, 1, nowMs);
          sentMs.push(nowMs);
          const underWay = sentMs.filter((ms) => ms > (answeredMs ?? -1)).length;
          expect(unread.messages).toBeGreaterThanOrEqual(underWay);
        }
      }),
    );
  });
});
