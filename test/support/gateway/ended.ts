import type { Plan } from "#src/core/plans/plan.ts";
import type { Mode } from "../naive/count.ts";
import type { PlainEvent } from "../naive/event.ts";
import { ownLines, Watch } from "./faults.ts";
import { Gateway } from "./gateway.ts";

/** What happens to a company: an event, or a version of a plan that is saved by then. */
export type Step = PlainEvent | { readonly plan: Plan };

/** Events of one delivery, which are looked at together. */
type Delivery = readonly PlainEvent[];

const isDelivery = (step: Step | Delivery): step is Delivery => Array.isArray(step);

function play(gateway: Gateway, steps: readonly (Step | Delivery)[]): void {
  for (const step of steps) {
    if (isDelivery(step)) gateway.accept(step);
    else if ("plan" in step) gateway.savePlan(step.plan);
    else gateway.accept([step]);
    gateway.drain();
  }
  gateway.sweep();
  gateway.drain();
}

interface World {
  readonly plans: readonly Plan[];
  readonly nowMs: number;
  readonly mode?: Mode;
  /** Who is there before anything happens. */
  readonly company: readonly PlainEvent[];
}

/** An instant as it is compared: to the millisecond, or by its day. */
export type Instant = (ms: number | null) => string | number | null;

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const exact: Instant = (ms) => ms;

/**
 * What a company comes to after these steps, one message each: account, currency and day → what was
 * posted as of it; lines with their dates; points by period; orders; what was told to a person;
 * what ended without effect, other than having been told before.
 */
export function ended(steps: readonly (Step | Delivery)[], world: World, shown = exact) {
  const { plans, nowMs, mode = "gateway_final", company } = world;
  const gateway = new Gateway({ tenant: "acme", mode, plans, nowMs });
  const watch = new Watch(gateway);
  gateway.accept(company);
  gateway.drain();
  play(gateway, steps);
  const faults = watch.step();
  return { gateway, watch, faults, end: { faults, ...booksOf(gateway, shown) } };
}

type Sums = Record<string, number>;

function booksOf(gateway: Gateway, shown: Instant) {
  const days: Sums = {};
  const points: Sums = {};
  const breaks = new Set<string>();
  const add = (sums: Sums, name: string, amount: number) => {
    sums[name] = (sums[name] ?? 0) + amount;
  };
  for (const store of gateway.stores.values()) {
    for (const { effects, event, cause } of store.entries) {
      const ms = effects.effective_ms ?? event?.occurred_ms ?? cause?.occurred_ms ?? 0;
      for (const transfer of effects.transfers ?? []) {
        const { debit, credit, currency, amount_minor, effective_ms = ms } = transfer;
        add(days, `${debit} ${currency} ${dayOf(effective_ms)}`, amount_minor);
        add(days, `${credit} ${currency} ${dayOf(effective_ms)}`, -amount_minor);
      }
      for (const { break_id, class: name, detail } of effects.breaks ?? []) {
        // Which of two payments is the further one is told by the times that are known by then.
        breaks.add(`${name === "DUPLICATE_PAYMENT" ? name : break_id} ${detail}`);
      }
      for (const { period_id, distributor_id, pv_x100, cv_x100, gv_x100 } of effects.volumes ??
        []) {
        add(points, `${distributor_id} ${period_id} pv`, pv_x100);
        add(points, `${distributor_id} ${period_id} cv`, cv_x100);
        add(points, `${distributor_id} ${period_id} gv`, gv_x100);
      }
    }
  }
  const lines = [...gateway.stores.values()].flatMap(ownLines).flatMap(({ line, available_ms }) => {
    const { line_id, amount_minor, reversed_minor, currency, state, period_id } = line;
    const told = [line_id, amount_minor, reversed_minor, currency, state, period_id];
    const dates = [shown(line.effective_ms), shown(available_ms)];
    return amount_minor === 0 ? [] : [[...told, ...dates].join(" ")];
  });
  return {
    days: some(days),
    points: some(points),
    lines: lines.toSorted(),
    orders: [...gateway.mirror.orders.values()].map(
      ({ payment_id, paid_ms, period_id, returned_minor, fee_minor, pv_x100, net_minor }) =>
        [payment_id, shown(paid_ms), period_id, returned_minor, fee_minor, pv_x100, net_minor].join(
          " ",
        ),
    ),
    breaks: [...breaks].toSorted(),
    without: withoutEffect(gateway),
  };
}

function withoutEffect({ stores, parked, aside }: Gateway): readonly string[] {
  const outcomes = new Map<string, string>();
  for (const { entries } of stores.values()) {
    for (const { event, outcome } of entries) {
      if (event !== undefined && outcome !== undefined) outcomes.set(event.id, outcome);
    }
  }
  for (const { event } of parked.values()) outcomes.set(event.id, "parked");
  for (const { event } of aside.values()) outcomes.set(event.id, "quarantined");
  return [...outcomes]
    .flatMap(([id, outcome]) =>
      /^(?:applied|duplicate)$/.test(outcome) ? [] : [`${id} ${outcome}`],
    )
    .toSorted();
}

const some = (sums: Sums): Sums =>
  Object.fromEntries(
    Object.entries(sums)
      .filter(([, sum]) => sum !== 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
