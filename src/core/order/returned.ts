import { addsWithin, shareOut } from "./share.ts";
import type { Goods, OrderState, Parts, Return } from "./state.ts";

const PARTS = ["net_minor", "tax_minor", "shipping_minor"] as const;

const partsOf = (amounts: readonly number[]): Parts => ({
  net_minor: amounts[0] ?? 0,
  tax_minor: amounts[1] ?? 0,
  shipping_minor: amounts[2] ?? 0,
});

/**
 * What all returns of a sale together take back, by part; nothing where that is more than the sale.
 * Returns that tell their parts count as told. Those that tell an amount alone share what is left
 * pro rata, all of them as one sum, so that no order of arrival makes another sum of them.
 */
export function returnedParts(sale: Parts, returns: readonly Return[]): Parts | undefined {
  const counted = returns.filter(({ undone }) => !undone);
  const told = counted.flatMap(({ parts }) => (parts === null ? [] : [parts]));
  const left = PARTS.map((part) => sale[part] - told.reduce((sum, parts) => sum + parts[part], 0));
  if (left.some((amount) => amount < 0)) return undefined;
  const untold = counted.reduce(
    (sum, { parts, amount_minor }) => (parts === null ? sum + amount_minor : sum),
    0,
  );
  if (!addsWithin(left, untold)) return undefined;
  const shared = shareOut(untold, left);
  return partsOf(PARTS.map((part, i) => sale[part] - (left[i] ?? 0) + (shared[i] ?? 0)));
}

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
