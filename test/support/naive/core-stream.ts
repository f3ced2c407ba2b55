import type { CatalogueEvent, EventType } from "#src/core/contracts/catalogue.ts";
import type { Count } from "./count.ts";
import { type Fact, factsOf, ofType, type Told } from "./event.ts";
import { strictOrder } from "./streams.ts";

type CoreType =
  | "commission.posted"
  | "commission.reversed"
  | "commission.released"
  | "adjustment.posted"
  | "payout.initiated"
  | "payout.settled"
  | "payout.failed";

type CoreEvent = Told<CoreType>;

/** What the streams of distributors tell, in their order. */
export interface Core {
  /** The facts of one type by the id they are about, which is one distributor's, each once. */
  readonly facts: <Type extends CoreType>(
    type: Type,
    id: (event: Told<Type>) => string | undefined,
  ) => readonly Fact<Told<Type>>[];
}

const CORE_TYPES: ReadonlySet<EventType> = new Set<CoreType>([
  "commission.posted",
  "commission.reversed",
  "commission.released",
  "adjustment.posted",
  "payout.initiated",
  "payout.settled",
  "payout.failed",
]);

const isCore = (event: CatalogueEvent): event is CoreEvent => CORE_TYPES.has(event.type);

export const ownerOf = ({ key }: { readonly key: string }): string => key.slice("dist:".length);

/** Without what is behind a gap, and without streams of somebody nobody enrolled: those wait. */
export function coreOf(count: Count): Core {
  const ids = new Map<string, readonly string[]>();
  const events: CoreEvent[] = [];
  for (const fact of strictOrder(count.events.filter(isCore), count.held)) {
    if (count.company.isDistributor(ownerOf(fact.event))) {
      events.push(fact.event);
      ids.set(fact.event.id, fact.ids);
    } else count.held.put(fact.ids, "parked", "quarantined");
  }
  return {
    facts: (type, id) =>
      factsOf(ofType(events, type), (event) => `${ownerOf(event)} ${id(event)}`).map((fact) => ({
        event: fact.event,
        ids: fact.ids.flatMap((each) => ids.get(each) ?? []),
      })),
  };
}

/** P8 to P11. */
export function countPayouts({ book, held }: Count, { facts }: Core): void {
  for (const { event } of facts("adjustment.posted", ({ data }) => data.line_id)) {
    const amount = BigInt(event.data.amount_minor);
    const available = `dist:${ownerOf(event)}:available`;
    book.post(event.data.currency, { "exp:commission": amount, [available]: -amount });
  }
  const started = facts("payout.initiated", ({ data }) => data.payout_id);
  const settled = facts("payout.settled", ({ data }) => data.payout_id);
  const failed = facts("payout.failed", ({ data }) => data.payout_id);
  for (const { event } of started) {
    const isThis = (end: Fact<Told<"payout.settled" | "payout.failed">>) =>
      end.event.key === event.key && end.event.data.payout_id === event.data.payout_id;
    const failure = failed.find(isThis)?.event.data;
    const { gross_minor, net_minor, fee_minor = 0, withholding_minor = 0 } = event.data;
    const dist = `dist:${ownerOf(event)}`;
    const post = (sign: bigint, fee: number) =>
      book.post(event.data.currency, {
        [`${dist}:available`]: sign * BigInt(gross_minor - fee_minor + fee),
        [`${dist}:in_transit`]: -sign * BigInt(net_minor),
        "rev:payout_fee": -sign * BigInt(fee),
        "tax:withholding": -sign * BigInt(withholding_minor),
      });
    post(1n, fee_minor);
    if (failure !== undefined) post(-1n, failure.fee_kept ? 0 : fee_minor);
    else if (settled.some(isThis)) {
      const net = BigInt(net_minor);
      book.post(event.data.currency, { [`${dist}:in_transit`]: net, "cash:bank": -net });
    }
  }
  for (const { event, ids } of [...settled, ...failed]) {
    const isStarted = started.some(
      (start) =>
        start.event.key === event.key && start.event.data.payout_id === event.data.payout_id,
    );
    if (!isStarted) held.put(ids, "parked");
  }
}
