import { entryOf } from "../log-entry.ts";
import type { Log } from "../log.ts";
import type { Message as Sent, RecomputeMessage } from "../message.ts";
import type { MirrorTail } from "../mirror.ts";
import type { Work } from "./work.ts";

type Change = RecomputeMessage["changes"][number];
type OrderPlace = NonNullable<RecomputeMessage["after"]>;
type ParkedPlace = NonNullable<RecomputeMessage["parkedAfter"]>;

export interface RecomputePorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  /** What the mirror has of changes that nobody was told of; of all tenants where none is named. */
  readonly pendingChanges: (tenants?: readonly string[]) => Promise<{
    readonly changes: readonly Change[];
    readonly rehung: readonly string[];
    readonly done: () => Promise<void>;
  }>;
  readonly touchedOrders: (
    changes: readonly Change[],
    after?: OrderPlace,
  ) => Promise<{
    readonly orders: readonly (OrderPlace & { readonly sourceNode: string })[];
    readonly next?: OrderPlace;
  }>;
  /** Sales of a tenant that are parked because somebody above was not known. */
  readonly waylessSales: (
    tenant: string,
    after?: ParkedPlace,
  ) => Promise<{ readonly messages: readonly Sent[]; readonly next?: ParkedPlace }>;
}

/** More would not fit into the message of a further page; then no order is left out. */
const CHANGES_MAX = 200;

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
    ports.log("warn", "not_recomputed", { tenants: [...tenants], error });
  }
}

/** Tells the orders of everything in the outbox. */
export async function recomputePending(
  ports: RecomputePorts,
  tenants?: readonly string[],
): Promise<void> {
  const { changes, rehung, done } = await ports.pendingChanges(tenants);
  for (const tenant of rehung) await wakeSales({ tenant }, ports);
  for (const [tenant, own] of Map.groupBy(changes, (change) => change.tenant)) {
    await tellOrders({ tenant, changes: few(own) }, ports);
  }
  await done();
}

/** Each of the changes, or one that stands for all of them: for whoever is above an order. */
function few(changes: readonly Change[]): readonly Change[] {
  const [first] = changes;
  if (first === undefined || changes.length <= CHANGES_MAX) return changes;
  const atMs = changes.reduce((least, change) => Math.min(least, change.atMs), Infinity);
  return [{ ...first, node: "", atMs }];
}

/** The next page of what changes touch; fails as a message does, and comes again. */
export async function continueRecompute(work: Work, ports: RecomputePorts): Promise<void> {
  const { body } = work.message;
  if (body.kind !== "recompute") return;
  try {
    if (body.parkedAfter === undefined) await tellOrders(body, ports);
    else await wakeSales(body, ports);
  } catch (error) {
    work.failure ??= `Cannot recompute: ${String(error)}`;
  }
}

async function tellOrders(
  { tenant, changes, after }: Pick<RecomputeMessage, "tenant" | "changes" | "after">,
  ports: RecomputePorts,
): Promise<void> {
  const { orders, next } = await ports.touchedOrders(changes, after);
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

/** Whoever finds no way up now is left as it was: it waits for somebody else then, or still. */
async function wakeSales(
  { tenant, parkedAfter }: Pick<RecomputeMessage, "tenant" | "parkedAfter">,
  ports: RecomputePorts,
): Promise<void> {
  const { messages, next } = await ports.waylessSales(tenant, parkedAfter);
  for (const message of messages) await ports.send(message, 0);
  if (next === undefined) return;
  await ports.send({ kind: "recompute", tenant, changes: [], parkedAfter: next }, 0);
}

const hasChanges = ({ rows }: MirrorTail): boolean =>
  rows.some((row) => {
    const { effects } = entryOf(row);
    return effects.standings !== undefined || effects.edges !== undefined;
  });
