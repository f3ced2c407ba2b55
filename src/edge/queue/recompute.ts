import type { Entry } from "../../core/subject/entry.ts";
import type { Lineages } from "../../core/subject/surroundings.ts";
import type { Log } from "../log.ts";
import type { Message as Sent, RecomputeMessage } from "../message.ts";
import type { MirrorTail } from "../mirror.ts";
import { type Ask, askName } from "./settle-looking.ts";
import type { Work } from "./work.ts";

type Change = RecomputeMessage["changes"][number];

interface OrderPlace {
  readonly paidMs: number;
  readonly orderId: string;
}

export interface RecomputePorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  /** What the mirror has of changes that no order was told of; of all tenants where none is named. */
  readonly pendingChanges: (
    tenants?: readonly string[],
  ) => Promise<{ readonly changes: readonly Change[]; readonly done: () => Promise<void> }>;
  readonly touchedOrders: (
    changes: readonly Change[],
    after?: OrderPlace,
  ) => Promise<{
    readonly orders: readonly (OrderPlace & { readonly sourceNode: string })[];
    readonly next?: OrderPlace;
  }>;
}

/**
 * Has orders priced anew that were paid when a standing or edge held that only now became known
 * (DESIGN §14 «back-dated»). What fails here stays in the mirror's outbox, for cron.
 */
export async function recompute(
  tails: readonly MirrorTail[],
  ports: RecomputePorts & { readonly log: Log },
): Promise<void> {
  const tenants = new Set(tails.filter(hasChanges).map(({ tenant }) => tenant));
  if (tenants.size === 0) return;
  try {
    await recomputePending(ports, [...tenants]);
  } catch (error) {
    ports.log("warn", "not_recomputed", { error });
  }
}

/** Tells the orders of everything in the outbox. */
export async function recomputePending(
  ports: RecomputePorts,
  tenants?: readonly string[],
): Promise<void> {
  const { changes, done } = await ports.pendingChanges(tenants);
  for (const [tenant, own] of Map.groupBy(changes, (change) => change.tenant)) {
    await tellOrders({ tenant, changes: own }, ports);
  }
  await done();
}

/** The next page of orders that changes touch; fails as a message does, and comes again. */
export async function continueRecompute(work: Work, ports: RecomputePorts): Promise<void> {
  const { body } = work.message;
  if (body.kind !== "recompute") return;
  try {
    await tellOrders(body, ports);
  } catch (error) {
    work.failure ??= `Cannot recompute: ${String(error)}`;
  }
}

async function tellOrders(
  page: Omit<RecomputeMessage, "kind" | "after"> & { readonly after?: OrderPlace },
  ports: RecomputePorts,
): Promise<void> {
  const { tenant, changes } = page;
  const { orders, next } = await ports.touchedOrders(changes, page.after);
  const event_id = changes[0]?.eventId ?? "";
  for (const { orderId, sourceNode, paidMs } of orders) {
    const move = {
      kind: "recompute",
      event_id,
      want: { node: sourceNode, at_ms: paidMs },
    } as const;
    await ports.send({ kind: "subject", tenant, subject: `order:${orderId}`, moves: [move] }, 0);
  }
  if (next !== undefined) await ports.send({ kind: "recompute", tenant, changes, after: next }, 0);
}

const hasChanges = ({ rows }: MirrorTail): boolean =>
  rows.some(({ entry }) => {
    const { effects }: Entry = JSON.parse(entry);
    return effects.standings !== undefined || effects.edges !== undefined;
  });

/** What orders of a batch were priced by. */
export interface Priced {
  readonly seen: ReadonlyMap<string, Lineages & { readonly tenant: string }>;
  readonly orders: readonly {
    readonly tenant: string;
    readonly subject: string;
    readonly asks: readonly Ask[];
    /** It may have been priced by an earlier attempt, from what nobody knows any more. */
    readonly isRepeated: boolean;
  }[];
}

export interface LookAgainPorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  readonly lineages: (asks: readonly Ask[]) => Promise<readonly (Lineages & { tenant: string })[]>;
}

/**
 * Looks once more at what orders were priced by, now that they are mirrored: what became known in
 * between was told to the orders that the mirror had then, and to these by nobody. Throws where
 * that cannot be found out: then the batch comes again.
 */
export async function lookAgain(
  { seen, orders }: Priced,
  { send, lineages }: LookAgainPorts,
): Promise<void> {
  const asks = new Map(orders.flatMap((order) => order.asks.map((ask) => [askName(ask), ask])));
  if (asks.size === 0) return;
  const now = await lineages([...asks.values()]);
  const isOther = (one: Lineages & { tenant: string }) =>
    JSON.stringify(one) !== JSON.stringify(seen.get(askName(one)));
  const changed = new Set(now.filter(isOther).map(askName));
  for (const { tenant, subject, asks: own, isRepeated } of orders) {
    for (const ask of own) {
      if (!isRepeated && !changed.has(askName(ask))) continue;
      const want = { node: ask.node, at_ms: ask.at_ms };
      const moves = [{ kind: "recompute", event_id: "", want }] as const;
      await send({ kind: "subject", tenant, subject, moves }, 0);
    }
  }
}
