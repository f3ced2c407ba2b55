import type { DispatchedLine } from "../../core/ledger/line.ts";
import type { Entry } from "../../core/subject/entry.ts";
import type { Move } from "../../core/subject/move.ts";
import type { Lineages, Surroundings } from "../../core/subject/surroundings.ts";
import type { MirrorTail } from "../mirror.ts";
import type { Priced } from "./recompute.ts";
import { type Ask, askName, type Looking, settleLooking, wantedBy } from "./settle-looking.ts";
import { settleAll, type SettlePorts, workOn } from "./settle-subjects.ts";
import type { SubjectWork } from "./work.ts";

/** A fact can set another one free that wants to look elsewhere: a payment, a later payment. */
const LOOKS_MAX = 4;

export interface OrderPorts extends SettlePorts {
  /** Modes, plans and closed periods of these tenants, from the primary; lineages are asked apart. */
  readonly surroundings: (
    tenants: readonly string[],
  ) => Promise<ReadonlyMap<string, Omit<Surroundings, "lineages">>>;
  readonly lineages: (asks: readonly Ask[]) => Promise<readonly (Lineages & { tenant: string })[]>;
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
  const seen: Seen = new Map();
  const tails = await settleLooking(orders, ports, looking(ports, seen));
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
  return { tails: [...whole, ...toldTails], told, priced: { seen, orders: orders.map(pricedBy) } };
}

type Seen = Map<string, Lineages & { tenant: string }>;

export interface SettledOrders {
  readonly tails: readonly MirrorTail[];
  /** The distributors that were told of lines. */
  readonly told: readonly SubjectWork[];
  readonly priced: Priced;
}

/** Redelivered, it is known already: what it was priced by then is not what was seen now. */
const pricedBy = (work: SubjectWork): Priced["orders"][number] => ({
  tenant: work.tenant,
  subject: work.subject,
  asks: work.looked.map((want) => ({ ...want, tenant: work.tenant })),
  isRepeated: work.tasks.some(({ isRepeated }) => isRepeated),
});

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
function foreseen({ tenant, tasks, calls }: SubjectWork): readonly Ask[] {
  const paid = tasks.flatMap(({ route }): readonly Ask[] => {
    if (route.kind !== "subject") return [];
    const { type, data, occurredAtMs } = route.arrival.event;
    const { source_node } = data;
    if (type !== "payment.confirmed" || typeof source_node !== "string") return [];
    return [{ tenant, node: source_node, at_ms: occurredAtMs }];
  });
  const asked = calls.flatMap(({ message: { body } }) =>
    body.kind === "subject"
      ? (body.moves ?? []).flatMap((move) =>
          move.kind === "recompute" ? [{ tenant, ...move.want }] : [],
        )
      : [],
  );
  return [...paid, ...asked];
}

/** Modes, plans and lineages: each is read once a batch. */
function looking(ports: OrderPorts, lineages: Seen): Looking {
  let tenants: ReadonlyMap<string, Omit<Surroundings, "lineages">> | undefined;
  return {
    looksMax: LOOKS_MAX,
    foreseen,
    async read(orders, asks) {
      const fresh = asks.filter((ask) => !lineages.has(askName(ask)));
      const named = [...new Set(orders.map(({ tenant }) => tenant))];
      const [known, found] = await Promise.all([
        tenants ?? ports.surroundings(named),
        fresh.length === 0 ? [] : ports.lineages(fresh),
      ]);
      tenants = known;
      for (const one of found) lineages.set(askName(one), one);
    },
    around(work) {
      const known = tenants?.get(work.tenant);
      if (known === undefined) return undefined;
      const wanted = [...foreseen(work), ...wantedBy(work)];
      return { ...known, lineages: wanted.flatMap((ask) => lineages.get(askName(ask)) ?? []) };
    },
  };
}

const receiversOf = ({ rows }: MirrorTail): readonly DispatchedLine[] =>
  rows.flatMap(({ entry }) => parseEntry(entry).effects.dispatch ?? []);

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
  rows.flatMap(({ entry }) => {
    const { effects, event, cause } = parseEntry(entry);
    const event_id = event?.event_id ?? cause?.event_id ?? "";
    const occurredMs = event?.occurred_ms ?? cause?.occurred_ms;
    return (effects.dispatch ?? []).map((line) => ({
      tenant,
      move: { kind: "line", line, event_id, occurred_ms: occurredMs ?? line.effective_ms } as const,
    }));
  });

// Own text: a row of an object's log.
const parseEntry = (text: string): Entry => JSON.parse(text);
