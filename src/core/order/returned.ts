import { addsWithin, shareOut } from "./share.ts";
import type { OrderState, Parts, Return } from "./state.ts";

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
  const counted = returns.filter(({ won }) => !won);
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

/** What is left of the sale's amount. */
export const leftOf = ({ sale, returned }: Pick<OrderState, "sale" | "returned">): number =>
  sale === undefined ? 0 : PARTS.reduce((sum, part) => sum + sale[part] - returned[part], 0);
