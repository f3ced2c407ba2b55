import { formatInstant } from "../contracts/instant.ts";
import { periodAt } from "../plans/period.ts";
import type { PeriodRule } from "../plans/plan.ts";
import { plansAt } from "../plans/versions.ts";
import type { Act } from "../subject/rules.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import type { PaymentKept, Sale } from "./state.ts";

/** The day (UTC) by which balances are read, whatever a plan says. */
export const dayOf = (ms: number): string => formatInstant(ms).slice(0, "2026-07-26".length);

/**
 * Whether an instant is earlier than another by so much that somebody sees it: on another day (UTC),
 * or in another period by any of these rules. Shop and processor seldom agree to the second: where
 * nothing lies between their times it is one and the same.
 */
export const isEarlier = (
  toldMs: number,
  knownMs: number,
  rules: readonly PeriodRule[] = [],
): boolean =>
  toldMs < knownMs &&
  (dayOf(toldMs) !== dayOf(knownMs) ||
    rules.some((rule) => periodAt(rule, toldMs).period_id !== periodAt(rule, knownMs).period_id));

/** What the plans in force at a sale say of periods. */
export const periodsAt = (sale: Sale, around: Surroundings | undefined): readonly PeriodRule[] =>
  plansAt(around?.plans ?? [], sale.paid_ms).map(({ period }) => period);

/** What has to be looked at to judge an earlier time; nothing where it is known, or none is. */
export const unlessUnseen = (
  toldMs: number,
  knownMs: number,
  { around, sale }: { readonly around: Surroundings | undefined; readonly sale: Sale },
): Act | undefined =>
  around === undefined && toldMs < knownMs
    ? { kind: "wants", want: { node: sale.source_node, at_ms: toldMs } }
    : undefined;

/** When a payment happened: the earliest time that was ever told of it. */
export const timeOf = ({ told_ms, paid_ms }: PaymentKept): number => told_ms ?? paid_ms ?? Infinity;
