/** So many attempts in a row have to fail before a destination is left alone. */
export const FAILURES_MAX = 10;
/** How long it is left alone at first: twice as long after each probe that fails. */
export const OPEN_MS_MIN = 30_000;
export const OPEN_MS_MAX = 30 * 60_000;

/** What is remembered of a destination's answers. */
export interface Breaker {
  /** Attempts that have failed since the last one that did not. */
  readonly failures: number;
  /** Until when nothing is sent; then one delivery probes. Absent while it is closed. */
  readonly openUntilMs?: number;
  /** How long it was opened for last. */
  readonly openMs?: number;
}

export const CLOSED: Breaker = { failures: 0 };

/**
 * `closed`: whatever is due may go; `open`: nothing may, before this time, UTC ms; `probing`: one
 * delivery may, and nothing beside it.
 */
export type Passage =
  | { readonly kind: "closed" }
  | { readonly kind: "open"; readonly untilMs: number }
  | { readonly kind: "probing" };

export function passage({ openUntilMs }: Breaker, nowMs: number): Passage {
  if (openUntilMs === undefined) return { kind: "closed" };
  return nowMs < openUntilMs ? { kind: "open", untilMs: openUntilMs } : { kind: "probing" };
}

/** One success closes it, whatever was before. */
export const succeeded = (): Breaker => CLOSED;

/**
 * One more failure. Those of attempts that were under way as it opened change nothing of how long it
 * is open for.
 */
export function failed(breaker: Breaker, nowMs: number): Breaker {
  const failures = breaker.failures + 1;
  const { kind } = passage(breaker, nowMs);
  if (kind === "open") return { ...breaker, failures };
  if (kind === "closed" && failures < FAILURES_MAX) return { failures };
  const openMs =
    breaker.openMs === undefined ? OPEN_MS_MIN : Math.min(2 * breaker.openMs, OPEN_MS_MAX);
  return { failures, openMs, openUntilMs: nowMs + openMs };
}

/** A person has changed something about the destination: one delivery may probe at once. */
export const probeNow = (breaker: Breaker, nowMs: number): Breaker =>
  breaker.openUntilMs === undefined
    ? breaker
    : { ...breaker, openUntilMs: Math.min(breaker.openUntilMs, nowMs) };
