import type { Plan } from "../../core/plans/plan.ts";
import type { Lineages } from "../../core/subject/surroundings.ts";
import { type Message as Sent, planTold } from "../message.ts";
import { type Ask, askName } from "./settle-looking.ts";

/** What orders of a batch were priced by. */
export interface Priced {
  readonly seen: ReadonlyMap<string, Lineages & { readonly tenant: string }>;
  /** Every version of the tenants' plans. */
  readonly plans: ReadonlyMap<string, readonly Plan[]>;
  readonly orders: readonly PricedOrder[];
}

export interface PricedOrder {
  readonly tenant: string;
  readonly subject: string;
  readonly asks: readonly Ask[];
  /** Events that it keeps for want of somebody: among them sales that could not be priced. */
  readonly parked: readonly string[];
  /** It may have been priced by an earlier attempt, from what nobody knows any more. */
  readonly isRepeated: boolean;
}

export interface LookAgainPorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  readonly lineages: (asks: readonly Ask[]) => Promise<readonly (Lineages & { tenant: string })[]>;
  readonly plans: (tenants: readonly string[]) => Promise<ReadonlyMap<string, readonly Plan[]>>;
}

/**
 * Looks once more at what orders were priced by, or could not be, now that they are mirrored: what
 * became known in between was told to the orders that the mirror had then, and to these by nobody.
 * Throws where that cannot be found out: then the batch comes again.
 */
export async function lookAgain(priced: Priced, ports: LookAgainPorts): Promise<void> {
  if (priced.orders.length === 0) return;
  const { seen, orders, plans } = priced;
  const asks = new Map(orders.flatMap((order) => order.asks.map((ask) => [askName(ask), ask])));
  const [now, known] = await Promise.all([
    asks.size === 0 ? [] : ports.lineages([...asks.values()]),
    ports.plans([...plans.keys()]),
  ]);
  const isOther = (one: Lineages & { tenant: string }) =>
    waysOf(one) !== waysOf(seen.get(askName(one)));
  const changed = new Set(now.filter(isOther).map(askName));
  for (const { tenant, subject, asks: own, parked, isRepeated } of orders) {
    const moves = own
      .filter((ask) => isRepeated || changed.has(askName(ask)))
      .map(({ node, at_ms }) => ({
        kind: "recompute" as const,
        event_id: "",
        want: { node, at_ms },
      }));
    if (moves.length === 0) continue;
    const again = parked.length === 0 ? {} : { redrive: parked };
    await ports.send({ kind: "subject", tenant, subject, moves, ...again }, 0);
  }
  for (const [tenant, before] of plans) {
    for (const plan of newAmong(known.get(tenant) ?? [], before)) {
      await ports.send(planTold(tenant, plan), 0);
    }
  }
}

const waysOf = (one: Lineages | undefined): string =>
  JSON.stringify([one?.sponsor, one?.placement]);

/** Versions are only ever added. */
const newAmong = (now: readonly Plan[], before: readonly Plan[]): readonly Plan[] =>
  now.filter(
    ({ plan_id, version }) =>
      !before.some((plan) => plan.plan_id === plan_id && plan.version === version),
  );
