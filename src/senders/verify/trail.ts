import type { Disbelief, Step, Verification } from "../sender.ts";

/** What one check found, or why the delivery is not believed. `detail` is read by a person. */
export type Found<Value> =
  | { readonly ok: true; readonly value: Value; readonly detail: string }
  | { readonly ok: false; readonly reason: Disbelief; readonly detail: string };

export const found = <Value>(value: Value, detail: string): Found<Value> => ({
  ok: true,
  value,
  detail,
});

export const doubt = (reason: Disbelief, detail: string): Found<never> => ({
  ok: false,
  reason,
  detail,
});

export interface Trail {
  /** Notes a check as a step, and hands its value on; nothing, once the delivery is refused. */
  readonly note: <Value>(step: string, outcome: Found<Value>) => Value | undefined;
  readonly verdict: () => Verification;
}

/** The steps of one verification, in the order they were taken. The first doubt is the verdict. */
export function startTrail(): Trail {
  const steps: Step[] = [];
  let reason: Disbelief | undefined;

  return {
    note(step, outcome) {
      steps.push({ step, ok: outcome.ok, detail: outcome.detail });
      if (outcome.ok) return outcome.value;
      reason ??= outcome.reason;
      return undefined;
    },
    verdict: () => (reason === undefined ? { ok: true, steps } : { ok: false, reason, steps }),
  };
}
