import { addsWithin, shareOut } from "./share.ts";
import type { Goods, OrderState, Parts, Return } from "./state.ts";

const PARTS = ["net_minor", "tax_minor", "shipping_minor"] as const;

const partsOf = (amounts: readonly number[]): Parts => ({
  net_minor: amounts[0] ?? 0,
  tax_minor: amounts[1] ?? 0,
  shipping_minor: amounts[2] ?? 0,
});

/** When a return happened: the earliest time that was ever told of it. */
export const beganMs = ({ told_ms, occurred_ms }: Return): number => told_ms ?? occurred_ms;

export const nameOf = ({ kind, id }: Pick<Return, "kind" | "id">): string => `${kind} ${id}`;

/**
 * The returns as they count. Parts can be told before the goods are known that they are parts of, by
 * more returns than stand in the end, and with a unit rounded otherwise: of a part each takes what
 * those that happened before it leave. What it told above that it takes by its amount, as of a return
 * that tells no parts.
 */
export function fitting(sale: Parts, returns: readonly Return[]): readonly Return[] {
  const cut = cutParts(sale, returns);
  return cut.size === 0
    ? returns
    : returns.map((one) => {
        const parts = cut.get(nameOf(one));
        return parts === undefined ? one : { ...one, parts };
      });
}

/** What is left of the parts of those that do not fit as they were told. */
function cutParts(sale: Parts, returns: readonly Return[]): ReadonlyMap<string, Parts> {
  const cut = new Map<string, Parts>();
  let left = sale;
  for (const one of returns.toSorted(byTime)) {
    if (one.undone || one.parts === null) continue;
    const told = one.parts;
    const taken = partsOf(PARTS.map((part) => Math.min(told[part], left[part])));
    if (totalOf(taken) < totalOf(told)) cut.set(nameOf(one), taken);
    left = minus(left, taken);
  }
  return cut;
}

const byTime = (a: Return, b: Return): number =>
  beganMs(a) - beganMs(b) || (nameOf(a) < nameOf(b) ? -1 : 1);

/**
 * Whether returns are within their sale: their sum, and what they tell of the goods (DOMAIN §3.3: R is
 * at most N). Of tax and shipping products round and assign as they like.
 */
export function haveRoom(
  sale: Parts,
  before: readonly Return[],
  after: readonly Return[],
): boolean {
  if (takenBack(sale, after) === undefined) return false;
  const net = netTold(after);
  return net <= sale.net_minor || net <= netTold(before);
}

const netTold = (returns: readonly Return[]): number =>
  returns.reduce((sum, { undone, parts }) => (undone ? sum : sum + (parts?.net_minor ?? 0)), 0);

/** What all returns of a sale come to, each as it counts; nothing where their sum is above it. */
export const takenBack = (sale: Parts, returns: readonly Return[]): Parts | undefined =>
  returnedParts(sale, fitting(sale, returns));

/**
 * What all returns of a sale together take back, by part; nothing where that is more than the sale.
 * Returns that tell their parts count as told. What they tell as an amount alone shares what is left
 * pro rata, all of it as one sum, so that no order of arrival makes another sum of it.
 */
export function returnedParts(sale: Parts, returns: readonly Return[]): Parts | undefined {
  const counted = returns.filter(({ undone }) => !undone);
  const told = counted.flatMap(({ parts }) => (parts === null ? [] : [parts]));
  const left = PARTS.map((part) => sale[part] - told.reduce((sum, parts) => sum + parts[part], 0));
  if (left.some((amount) => amount < 0)) return undefined;
  const untold = counted.reduce((sum, one) => sum + untoldOf(one), 0);
  if (!addsWithin(left, untold)) return undefined;
  const shared = shareOut(untold, left);
  return partsOf(PARTS.map((part, i) => sale[part] - (left[i] ?? 0) + (shared[i] ?? 0)));
}

/** What a return takes by its amount alone. */
export const untoldOf = ({ parts, amount_minor }: Return): number =>
  parts === null ? amount_minor : amount_minor - totalOf(parts);

export const minus = (a: Parts, b: Parts): Parts => partsOf(PARTS.map((part) => a[part] - b[part]));

export const plus = (a: Parts, b: Parts): Parts => partsOf(PARTS.map((part) => a[part] + b[part]));

const totalOf = (parts: Parts): number => PARTS.reduce((sum, part) => sum + parts[part], 0);

/** What is left of the sale's amount. */
export const leftOf = ({ sale, returned }: Pick<OrderState, "sale" | "returned">): number =>
  sale === undefined ? 0 : totalOf(sale) - totalOf(returned);

/** Of a sale, what was returned so far, as a fraction. */
export type Share = readonly [part: number, whole: number];

/**
 * The share of a sale that its lines and points follow: that of the goods. Where the goods cost
 * nothing and still count, that of the whole amount; what was given away free goes back as a whole.
 */
export function shareOf(
  sale: Pick<Goods, "net_minor" | "amount_minor">,
  { returned, returns }: Pick<OrderState, "returned" | "returns">,
): Share {
  if (sale.net_minor > 0) return [returned.net_minor, sale.net_minor];
  if (sale.amount_minor > 0) return [totalOf(returned), sale.amount_minor];
  return [returns.some(({ undone }) => !undone) ? 1 : 0, 1];
}

/** Whether nothing of the sale is left. */
export function isWholeReturned(
  sale: Pick<Goods, "amount_minor">,
  { returned, returns }: Pick<OrderState, "returned" | "returns">,
): boolean {
  if (sale.amount_minor > 0) return totalOf(returned) === sale.amount_minor;
  return returns.some(({ undone }) => !undone);
}

/** Those that take something. */
export const liveReturns = ({ returns }: Pick<OrderState, "returns">): readonly Return[] =>
  returns.filter(({ undone }) => !undone);
