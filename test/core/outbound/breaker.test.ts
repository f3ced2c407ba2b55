import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Breaker,
  CLOSED,
  failed,
  FAILURES_MAX,
  OPEN_MS_MAX,
  OPEN_MS_MIN,
  passage,
  probeNow,
  succeeded,
} from "#src/core/outbound/breaker.ts";

const opened = (nowMs: number): Breaker => {
  let breaker = CLOSED;
  for (let n = 0; n < FAILURES_MAX; n += 1) breaker = failed(breaker, nowMs);
  return breaker;
};

describe("the breaker", () => {
  test("opens at the tenth failure in a row, for half a minute, and then lets one probe", () => {
    let breaker = CLOSED;
    for (let n = 1; n < 10; n += 1) {
      breaker = failed(breaker, n);
      expect(passage(breaker, n)).toEqual({ kind: "closed" });
    }
    breaker = failed(breaker, 10);
    expect(passage(breaker, 10)).toEqual({ kind: "open", untilMs: 30_010 });
    expect(passage(breaker, 30_009)).toEqual({ kind: "open", untilMs: 30_010 });
    expect(passage(breaker, 30_010)).toEqual({ kind: "probing" });
  });

  test("one success among them, and ten more have to fail", () => {
    let breaker = CLOSED;
    for (let n = 0; n < 9; n += 1) breaker = failed(breaker, n);
    breaker = succeeded();
    for (let n = 0; n < 9; n += 1) breaker = failed(breaker, n);
    expect(passage(breaker, 9)).toEqual({ kind: "closed" });
  });

  test("stays open twice as long after each probe that fails, up to half an hour", () => {
    let breaker = opened(0);
    const lasted: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      const at = breaker.openUntilMs ?? 0;
      breaker = failed(breaker, at);
      lasted.push((breaker.openUntilMs ?? 0) - at);
    }
    expect(lasted.map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30]);
  });

  test("what was under way as it opened does not keep it open for longer", () => {
    const breaker = opened(0);
    const later = failed(failed(breaker, 10), 20);
    expect([later.openUntilMs, later.openMs]).toEqual([breaker.openUntilMs, breaker.openMs]);
  });

  test("a person's change lets one probe at once, and forgets nothing", () => {
    const breaker = probeNow(opened(0), 5);
    expect(passage(breaker, 5)).toEqual({ kind: "probing" });
    expect(passage(failed(breaker, 5), 5)).toEqual({ kind: "open", untilMs: 5 + 2 * OPEN_MS_MIN });
    expect(probeNow(CLOSED, 5)).toEqual(CLOSED);
    const over = opened(0);
    expect(probeNow(over, 10 * OPEN_MS_MIN)).toEqual(over);
  });

  /** The same in other words: a list of what happened, looked at from its end. */
  const modelled = (history: readonly { ok: boolean; atMs: number }[]) => {
    let row = 0;
    let openMs = 0;
    let untilMs = -Infinity;
    for (const { ok, atMs } of history) {
      row = ok ? 0 : row + 1;
      if (ok) [openMs, untilMs] = [0, -Infinity];
      const mayCount = row >= FAILURES_MAX && atMs >= untilMs;
      if (!ok && mayCount) {
        openMs = Math.min(openMs === 0 ? OPEN_MS_MIN : openMs * 2, OPEN_MS_MAX);
        untilMs = atMs + openMs;
      }
    }
    return { openMs, untilMs };
  };

  test("is as its model, whatever happens when", () => {
    const steps = fc.array(
      fc.record({
        ok: fc.integer({ min: 0, max: 14 }).map((n) => n === 0),
        afterMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 3_600_000 })),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (given) => {
        let breaker = CLOSED;
        let atMs = 0;
        const history: { ok: boolean; atMs: number }[] = [];
        for (const { ok, afterMs } of given) {
          atMs += afterMs;
          history.push({ ok, atMs });
          breaker = ok ? succeeded() : failed(breaker, atMs);
          const { openMs, untilMs } = modelled(history);
          const wanted =
            openMs === 0
              ? { kind: "closed" }
              : atMs < untilMs
                ? { kind: "open", untilMs }
                : { kind: "probing" };
          expect(passage(breaker, atMs)).toEqual(wanted);
        }
      }),
    );
  });
});
