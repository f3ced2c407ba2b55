import { describe, expect, test } from "vitest";
import { type Sent, sendingOf } from "#src/core/reconciliation/sending.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const at = (nowMs: number) => ({ nowMs, settledMs: nowMs - 15 * MINUTE_MS });

/** When something is sent, in hours, by runs every quarter of an hour. */
function sentIn(hours: number): readonly number[] {
  const sendings: number[] = [];
  let sent: Sent | undefined;
  for (let nowMs = 0; nowMs <= hours * HOUR_MS; nowMs += 15 * MINUTE_MS) {
    const sending = sendingOf(sent, at(nowMs));
    if (!sending.isPaused) sendings.push(nowMs / HOUR_MS);
    sent = sending.sent;
  }
  return sendings;
}

describe("sendingOf()", () => {
  test("sends at once, and again after pauses that double up to a day", () => {
    const times = sentIn(24 * 7);
    expect(times).toEqual([
      0, 0.25, 2.25, 6.25, 14.25, 30.25, 54.25, 78.25, 102.25, 126.25, 150.25,
    ]);
  });

  test("holds it to be without effect once it has had time", () => {
    const sent = { first_ms: 0, last_ms: 0, times: 1 };
    const isWithoutEffect = (minutes: number) =>
      sendingOf(sent, at(minutes * MINUTE_MS)).isWithoutEffect;
    expect([isWithoutEffect(15), isWithoutEffect(16)]).toEqual([false, true]);
  });

  test("is the same where a run dies and judges again", () => {
    const before = { first_ms: 0, last_ms: 0, times: 1 };
    const nowMs = 3 * HOUR_MS;
    const once = sendingOf(before, at(nowMs));
    expect(once.sent).toEqual({ first_ms: 0, last_ms: nowMs, times: 2 });
    expect(sendingOf(once.sent, at(nowMs))).toEqual(once);
    const first = sendingOf(undefined, at(nowMs));
    expect(sendingOf(first.sent, at(nowMs))).toEqual(first);
  });
});
