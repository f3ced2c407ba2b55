import type { Notice } from "./notice.ts";
import { matches } from "./patterns.ts";
import type { Subscription } from "./subscription.ts";

/** A subscription as the projection knows it. Times are UTC milliseconds. */
export interface KnownSubscription extends Subscription {
  /** What was recorded before is not told. */
  readonly sinceMs: number;
  /** When its destination was made: one of the same name later on is another one. */
  readonly destinationMs: number;
}

/**
 * Whether a subscription wants a notice: its type is one of those it asks for, and its source none that
 * it leaves out. What was recorded before it began it was never meant for, however late a mirror is
 * filled with it. A source is never guessed: what nobody told is not what a named source told.
 */
export function wants(subscription: KnownSubscription, notice: Notice): boolean {
  const { types, sources, exceptSources, sinceMs } = subscription;
  const { type, source, recordedMs } = notice;
  if (recordedMs < sinceMs) return false;
  if (!types.some((pattern) => matches(pattern, type))) return false;
  if (source === undefined) return sources === undefined;
  if (sources !== undefined && !sources.includes(source)) return false;
  return exceptSources === undefined || !exceptSources.includes(source);
}

/**
 * Who is to be told: each destination once, for the first subscription by name that wants it, whatever
 * order they are given in.
 */
export function wanting(
  subscriptions: readonly KnownSubscription[],
  notice: Notice,
): readonly KnownSubscription[] {
  const firsts = new Map<string, KnownSubscription>();
  for (const subscription of subscriptions) {
    if (!wants(subscription, notice)) continue;
    const known = firsts.get(subscription.destination);
    if (known !== undefined && known.subscription <= subscription.subscription) continue;
    firsts.set(subscription.destination, subscription);
  }
  return [...firsts.values()];
}
