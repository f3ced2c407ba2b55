import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admit, BUFFERED_BYTES_MAX, BUFFERED_EVENTS_MAX } from "#src/core/ordering/admit.ts";

describe("admit()", () => {
  test.each([
    { name: "the first event of a stream", next: 1, seq: 1, kind: "due" },
    { name: "the next event", next: 3, seq: 3, kind: "due" },
    { name: "the event after the next", next: 3, seq: 4, kind: "early" },
    { name: "the event before the next", next: 3, seq: 2, kind: "taken" },
    { name: "the largest seq", next: 3, seq: Number.MAX_SAFE_INTEGER, kind: "early" },
  ])("finds $name $kind", ({ next, seq, kind }) => {
    const cursor = { next, bufferedEvents: 0, bufferedBytes: 0 };
    expect(admit(cursor, { seq, bytes: 1 })).toEqual({ kind });
  });

  const full = { next: 1, bufferedEvents: BUFFERED_EVENTS_MAX, bufferedBytes: BUFFERED_BYTES_MAX };
  test.each([
    { name: "the last event", events: BUFFERED_EVENTS_MAX - 1, held: 0, bytes: 1, kind: "early" },
    { name: "one event more", events: BUFFERED_EVENTS_MAX, held: 0, bytes: 1, kind: "overflow" },
    { name: "the last byte", events: 1, held: BUFFERED_BYTES_MAX - 10, bytes: 10, kind: "early" },
    {
      name: "one byte more",
      events: 1,
      held: BUFFERED_BYTES_MAX - 10,
      bytes: 11,
      kind: "overflow",
    },
  ])("finds $name that fits $kind", ({ events, held, bytes, kind }) => {
    const cursor = { next: 1, bufferedEvents: events, bufferedBytes: held };
    expect(admit(cursor, { seq: 2, bytes })).toEqual({ kind });
  });

  test.each([
    { seq: 1, kind: "due" },
    { seq: 0, kind: "taken" },
  ])("finds seq $seq $kind although the buffer is full", ({ seq, kind }) => {
    expect(admit(full, { seq, bytes: 100 })).toEqual({ kind });
  });

  test("makes each seq due once and ascending, in any arrival order with repeats", () => {
    const arrivals = fc.integer({ min: 1, max: 20 }).chain((last) => {
      const seqs = Array.from({ length: last }, (_, i) => i + 1);
      const repeats = fc.array(fc.integer({ min: 1, max: last }), { maxLength: 20 });
      return repeats.chain((more) => {
        const all = [...seqs, ...more];
        return fc.shuffledSubarray(all, { minLength: all.length });
      });
    });
    fc.assert(
      fc.property(arrivals, (seqs) => {
        const applied: number[] = [];
        const waiting = new Set<number>();
        const cursor = () => ({
          next: applied.length + 1,
          bufferedEvents: waiting.size,
          bufferedBytes: waiting.size,
        });
        for (const seq of seqs) {
          const { kind } = admit(cursor(), { seq, bytes: 1 });
          if (kind === "early") waiting.add(seq);
          if (kind === "due") applied.push(seq);
          while (waiting.delete(applied.length + 1)) applied.push(applied.length + 1);
        }
        const last = Math.max(...seqs);
        expect(applied).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      }),
    );
  });
});
