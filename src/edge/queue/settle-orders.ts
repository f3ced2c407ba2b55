import type { DispatchedLine } from "../../core/ledger/line.ts";
import { entryOf } from "../log-entry.ts";
import type { Entry, Passage } from "../../core/subject/entry.ts";
import type { Move } from "../../core/subject/move.ts";
import { readOrder } from "../../core/order/state.ts";
import type { Lineages, Surroundings, Want } from "../../core/subject/surroundings.ts";
import type { MirrorTail } from "../mirror.ts";
import { within } from "../within.ts";
import type { Priced, PricedOrder } from "./look-again.ts";
import { type Ask, askName, type Looking, settleLooking, wantedBy } from "./settle-looking.ts";
import { settleAll, type SettlePorts, workOn } from "./settle-subjects.ts";
import type { SubjectWork } from "./work.ts";

/** A fact can set another one free that wants to look elsewhere: a payment, a later payment. */
const LOOKS_MAX = 4;

/** D1 can stall: the queue tries again rather than wait. */
const WRITE_MS_MAX = 10_000;

export interface OrderPorts extends SettlePorts {
  /** Modes, plans and closed periods of these tenants, from the primary; lineages are asked apart. */
  readonly surroundings: (
    tenants: readonly string[],
  ) => Promise<ReadonlyMap<string, Omit<Surroundings, "lineages">>>;
  readonly lineages: (asks: readonly Ask[]) => Promise<readonly (Lineages & { tenant: string })[]>;
  /** Has orders below these priced anew once they are known. */
  readonly awaitNodes: (missing: readonly Missing[]) => Promise<void>;
}

/** Somebody on the way up from a sale whom nobody knows, so that it cannot be priced anew. */
interface Missing {
  readonly tenant: string;
  readonly node: string;
  /** Whether it is who has bought, and not somebody above. */
  readonly isSource: boolean;
}

/**
 * Settles orders: who stands above each sale is read beforehand, and the lines that come of it are
 * told to their distributors before any of it is mirrored. An order whose lines could not all be
 * told stays unmirrored: its message comes again, and its log with it.
 */
export async function settleOrders(
  orders: readonly SubjectWork[],
  ports: OrderPorts,
): Promise<SettledOrders> {
  const seen: Seen = { lineages: new Map(), known: new Map() };
  const tails = await settleLooking(orders, ports, looking(ports, seen));
  await awaitMissing(orders, seen, ports);
  const lines = linesIn(tails);
  const told = [...lines.values()];
  const toldTails = await settleAll(told, ports);
  const failed = told.filter(({ failure }) => failure !== undefined);
  const failedNames = new Set(failed.map(nameOf));
  const isTold = (tail: MirrorTail) =>
    !receiversOf(tail).some(({ distributor_id }) =>
      failedNames.has(nameOf({ tenant: tail.tenant, subject: `dist:${distributor_id}` })),
    );
  const whole = tails.filter(isTold);
  if (whole.length < tails.length) failUntold(orders, whole, failed[0]?.failure);
  const tailOf = new Map(tails.map((tail) => [nameOf(tail), tail]));
  const plans = new Map([...seen.known].map(([tenant, around]) => [tenant, around.plans]));
  const priced: Priced = {
    seen: seen.lineages,
    plans,
    orders: orders.map((work) => pricedBy(work, tailOf.get(nameOf(work)))),
  };
  return { tails: [...whole, ...toldTails], told, priced };
}

/** What was read of the world, once a batch. */
interface Seen {
  readonly lineages: Map<string, Lineages & { tenant: string }>;
  known: ReadonlyMap<string, Omit<Surroundings, "lineages">>;
}

export interface SettledOrders {
  readonly tails: readonly MirrorTail[];
  /** The distributors that were told of lines. */
  readonly told: readonly SubjectWork[];
  readonly priced: Priced;
}

/**
 * Redelivered, it is known already: what it was priced by then is not what was seen now. And what
 * an earlier attempt has priced, or somebody else's, is looked at by whoever mirrors it.
 */
function pricedBy(work: SubjectWork, tail: MirrorTail | undefined): PricedOrder {
  const { tenant, subject, looked, tasks, calls } = work;
  const isRepeated =
    tasks.some((task) => task.isRepeated) || calls.some(({ message }) => message.attempts > 1);
  const sale = isRepeated || tail?.rows.some(isSale) === true ? saleIn(tail) : [];
  const asks = [...looked, ...sale].map((want) => ({ ...want, tenant }));
  const distinct = new Map(asks.map((ask) => [askName(ask), ask]));
  const parked = [...new Set([...stillParked(work), ...parkedIn(tail)])];
  return { tenant, subject, asks: [...distinct.values()], parked, isRepeated };
}

const isSale = (row: MirrorTail["rows"][number]): boolean => {
  const { event, outcome } = entryOf(row);
  return event?.type === "payment.confirmed" && outcome === "applied";
};

function saleIn(tail: MirrorTail | undefined): readonly Want[] {
  const { sale } = readOrder(tail?.view?.view);
  return sale === undefined ? [] : [{ node: sale.source_node, at_ms: sale.paid_ms }];
}

/** Events that may be parked since an earlier attempt, of which the log has no new row. */
const stillParked = ({ tasks, calls }: SubjectWork): readonly string[] => [
  ...tasks.flatMap(({ eventId, settlement }) =>
    settlement?.kind === "settled" && settlement.outcome === "parked"
      ? [settlement.of ?? eventId]
      : [],
  ),
  ...calls.flatMap(({ message: { body } }) => (body.kind === "subject" && body.redrive) || []),
];

const parkedIn = (tail: MirrorTail | undefined): readonly string[] =>
  (tail?.rows ?? []).flatMap((row) => {
    const { outcome, event } = entryOf(row);
    return outcome === "parked" && event !== undefined ? [event.event_id] : [];
  });

/** An order that was sold keeps its lines where nobody can say who is above it by now. */
async function awaitMissing(
  orders: readonly SubjectWork[],
  seen: Seen,
  { awaitNodes }: OrderPorts,
): Promise<void> {
  const asked = orders.filter((work) => askedAnew(work).length > 0);
  const missing = asked.flatMap(askedAnew).flatMap((ask) => {
    const { sponsor, placement } = seen.lineages.get(askName(ask)) ?? {};
    return [sponsor, placement].flatMap((way) =>
      way !== undefined && "kind" in way && way.kind === "unknown"
        ? [{ tenant: ask.tenant, node: way.node, isSource: way.node === ask.node }]
        : [],
    );
  });
  if (missing.length === 0) return;
  try {
    await within(WRITE_MS_MAX, () => awaitNodes(missing));
  } catch (error) {
    for (const call of asked.flatMap(({ calls }) => calls)) {
      call.failure ??= `Cannot wait for who is missing: ${String(error)}`;
    }
  }
}

const nameOf = ({ tenant, subject }: { readonly tenant: string; readonly subject: string }) =>
  `${tenant}/${subject}`;

function failUntold(
  orders: readonly SubjectWork[],
  whole: readonly MirrorTail[],
  failure = "A distributor was not reached",
): void {
  const mirrored = new Set(whole.map(nameOf));
  for (const order of orders) {
    if (mirrored.has(nameOf(order)) || order.failure !== undefined) continue;
    order.failure = `Cannot tell its lines: ${failure}`;
    for (const task of order.tasks) task.failure ??= order.failure;
    for (const call of order.calls) call.failure ??= order.failure;
  }
}

/** What payments that tell their goods themselves, and computations anew, will want to see. */
function foreseen(work: SubjectWork): readonly Ask[] {
  const { tenant, tasks } = work;
  const paid = tasks.flatMap(({ route }): readonly Ask[] => {
    if (route.kind !== "subject") return [];
    const { type, data, occurredAtMs } = route.arrival.event;
    const { source_node } = data;
    if (type !== "payment.confirmed" || typeof source_node !== "string") return [];
    return [{ tenant, node: source_node, at_ms: occurredAtMs }];
  });
  return [...paid, ...askedAnew(work)];
}

const askedAnew = ({ tenant, calls }: SubjectWork): readonly Ask[] =>
  calls.flatMap(({ message: { body } }) =>
    body.kind === "subject"
      ? (body.moves ?? []).flatMap((move) =>
          move.kind === "recompute" ? [{ tenant, ...move.want }] : [],
        )
      : [],
  );

/** Modes, plans and lineages: each is read once a batch. */
function looking(ports: OrderPorts, seen: Seen): Looking {
  const { lineages } = seen;
  return {
    looksMax: LOOKS_MAX,
    foreseen,
    async read(orders, asks) {
      const fresh = asks.filter((ask) => !lineages.has(askName(ask)));
      const named = [...new Set(orders.map(({ tenant }) => tenant))];
      const [known, found] = await Promise.all([
        seen.known.size > 0 ? seen.known : ports.surroundings(named),
        fresh.length === 0 ? [] : ports.lineages(fresh),
      ]);
      seen.known = known;
      for (const one of found) lineages.set(askName(one), one);
    },
    around(work) {
      const known = seen.known.get(work.tenant);
      if (known === undefined) return undefined;
      const wanted = [...foreseen(work), ...wantedBy(work)];
      return { ...known, lineages: wanted.flatMap((ask) => lineages.get(askName(ask)) ?? []) };
    },
  };
}

const receiversOf = ({ rows }: MirrorTail): readonly DispatchedLine[] =>
  rows.flatMap((row) => entryOf(row).effects.dispatch ?? []);

interface ToldLine {
  readonly tenant: string;
  readonly move: Extract<Move, { readonly kind: "line" }>;
}

/**
 * Every version of each line, by the distributor it goes to, oldest first: each counts from when
 * what changed it happened.
 */
function linesIn(tails: readonly MirrorTail[]): ReadonlyMap<string, SubjectWork> {
  const works = new Map<string, SubjectWork>();
  for (const { tenant, move } of tails.flatMap(toldIn)) {
    const place = { tenant, subject: `dist:${move.line.distributor_id}` };
    const work = works.get(nameOf(place)) ?? workOn(place);
    work.moves.push(move);
    works.set(nameOf(place), work);
  }
  return works;
}

const toldIn = ({ tenant, rows }: MirrorTail): readonly ToldLine[] =>
  rows.flatMap((row) => {
    const entry = entryOf(row);
    const { event_id, ms, ...how } = broughtBy(entry);
    return (entry.effects.dispatch ?? []).map((line) => {
      const occurred_ms = ms ?? line.effective_ms;
      return { tenant, move: { kind: "line", line, event_id, occurred_ms, ...how } as const };
    });
  });

/** Without an event of its own an order was priced anew, by what can touch every order there is. */
function broughtBy({ event, cause }: Entry): {
  readonly event_id: string;
  readonly ms: number | undefined;
  readonly passage?: Passage;
} {
  if (event === undefined) {
    return { event_id: cause?.event_id ?? "", ms: cause?.occurred_ms, passage: "aside" };
  }
  const { event_id, occurred_ms: ms, passage } = event;
  return passage === undefined ? { event_id, ms } : { event_id, ms, passage };
}
