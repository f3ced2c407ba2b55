import { asOf, type Transfer } from "../ledger/transfer.ts";
import { postReturned } from "./posting.ts";
import { minus, plus, returnedParts, shareOf } from "./returned.ts";
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
  return inTime(returns).map(({ at_ms, of, isEnd }) => {
    live = isEnd ? live.filter((one) => one !== of) : [...live, of];
    const undone = live.filter((one) => one.undone).map((one) => ({ ...one, undone: false }));
    const returned = undone.reduce(
      (sum, one) => plus(sum, returnedParts(sale, [one]) ?? NOTHING),
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

const nameOf = ({ kind, id }: Return): string => `${kind} ${id}`;

/** Of a sale: when it was returned, and how much by then. */
type ReturnDates = readonly (readonly [at_ms: number, upTo: number])[];

/** When an order was returned; an instant at which nothing changed is none. */
export function returnDates({ sale, returns }: Pick<OrderState, "sale" | "returns">): ReturnDates {
  if (sale === undefined) return [];
  const byTime = new Map(takingsOf(sale, returns).map(({ at_ms, upTo }) => [at_ms, upTo]));
  const dates = [...byTime];
  return dates.filter(([, upTo], i) => upTo !== (dates[i - 1]?.[1] ?? 0));
}

/**
 * P6, P7: what has to be posted so that each return is, with its parts and as of its own time: the
 * difference to what was. What takes effect with the entry itself bears no date.
 */
export function postTakings(
  sale: Goods,
  [before, after]: readonly (readonly Return[])[],
  entryMs?: number,
): readonly Transfer[] {
  const sums = new Map<string, Taking>();
  const add = (taking: Taking, parts: Parts) => {
    const name = `${taking.at_ms} ${nameOf(taking.of)}`;
    sums.set(name, { ...taking, parts: plus(sums.get(name)?.parts ?? NOTHING, parts) });
  };
  for (const one of takingsOf(sale, before ?? [])) add(one, minus(NOTHING, one.parts));
  for (const one of takingsOf(sale, after ?? [])) add(one, one.parts);
  return [...sums.values()].flatMap(({ at_ms, of, parts }) => {
    const transfers = postTaking(sale, of, parts);
    return at_ms === entryMs ? transfers : asOf(at_ms, transfers);
  });
}

/** What a return took, in its own name. */
const postTaking = ({ currency }: Goods, { kind, id }: Return, parts: Parts) =>
  postReturned(kind === "refund" ? "P6" : "P7", parts, { currency, reference: id });
