import { asOf, type Transfer } from "../ledger/transfer.ts";
import { dayOf } from "./earlier.ts";
import { postReturned } from "./posting.ts";
import { fitting, minus, nameOf, plus, returnedParts, shareOf, takenBack } from "./returned.ts";
import { type Goods, NOTHING, type OrderState, type Parts, type Return } from "./state.ts";

/** What a return took of its sale when it happened, or gave back when it turned out to take nothing. */
interface Taking {
  readonly at_ms: number;
  readonly of: Return;
  readonly isEnd: boolean;
  readonly parts: Parts;
  /** Of the sale, returned by then. */
  readonly upTo: number;
}

/**
 * What returns took of a sale in the order of their time, whichever was heard of first. One that was
 * won or failed stands by itself between its beginning and its end: no other takes more or less for
 * it. Where the end was here before it, it never took anything.
 */
export function takingsOf(sale: Goods, returns: readonly Return[]): readonly Taking[] {
  let live: readonly Return[] = [];
  let before = NOTHING;
  return inTime(fitting(sale, returns)).map(({ at_ms, of, isEnd }) => {
    live = isEnd ? live.filter((one) => one !== of) : [...live, of];
    const undone = live.filter((one) => one.undone).map((one) => ({ ...one, undone: false }));
    const returned = undone.reduce(
      (sum, one) => plus(sum, takenBack(sale, [one]) ?? NOTHING),
      returnedParts(sale, live) ?? before,
    );
    const parts = minus(returned, before);
    before = returned;
    const counted = live.map((one) => ({ ...one, undone: false }));
    const [part, whole] = shareOf(sale, { returned, returns: counted });
    return { at_ms, of, isEnd, parts, upTo: Math.min(part, whole) };
  });
}

const inTime = (returns: readonly Return[]) =>
  returns
    .flatMap((of) => {
      const { occurred_ms, ended_ms = 0, undone } = of;
      const begins = { at_ms: occurred_ms, of, isEnd: false };
      if (!undone) return [begins];
      return ended_ms > occurred_ms ? [begins, { at_ms: ended_ms, of, isEnd: true }] : [];
    })
    .toSorted((a, b) => a.at_ms - b.at_ms || (nameOf(a.of) < nameOf(b.of) ? -1 : 1));

/** Of a sale: when it was returned, and how much by then. */
type ReturnDates = readonly (readonly [at_ms: number, upTo: number])[];

/** With more instants than this, those of one day are told as one: no balance of a day sees it. */
const INSTANTS_MAX = 32;

/** When an order was returned; an instant at which nothing changed is none. */
export function returnDates({ sale, returns }: Pick<OrderState, "sale" | "returns">): ReturnDates {
  if (sale === undefined) return [];
  const takings = takingsOf(sale, returns);
  const instants = changes(new Map(takings.map(({ at_ms, upTo }) => [at_ms, [at_ms, upTo]])));
  if (instants.length <= INSTANTS_MAX) return instants;
  return changes(new Map(instants.map(([at_ms, upTo]) => [dayOf(at_ms), [at_ms, upTo]])));
}

/** The last of each name, where it is another amount than the one before. */
function changes(last: ReadonlyMap<unknown, ReturnDates[number]>): ReturnDates {
  const dates = [...last.values()];
  return dates.filter(([, upTo], i) => upTo !== (dates[i - 1]?.[1] ?? 0));
}

/** P6, P7: what returns took of a sale, each in its own name and as of its own time. */
export const postTakings = (sale: Goods, returns: readonly Return[]): readonly Transfer[] =>
  takingsOf(sale, returns).flatMap(({ at_ms, of: { kind, id }, parts }) => {
    const money = { currency: sale.currency, reference: id };
    return asOf(at_ms, postReturned(kind === "refund" ? "P6" : "P7", parts, money));
  });

/** What a return took of money without goods when it happened; below zero what it gave back. */
interface MoneyTaken {
  readonly at_ms: number;
  readonly id: string;
  readonly minor: number;
}

export const moneyTaken = (returns: readonly Return[]): readonly MoneyTaken[] =>
  inTime(returns).map(({ at_ms, of: { id, amount_minor }, isEnd }) => ({
    at_ms,
    id,
    minor: isEnd ? -amount_minor : amount_minor,
  }));
