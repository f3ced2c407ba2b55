import { fromDecimal } from "../core/money.ts";
import type { Loose } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";
import { namedIn, type Parts, saleBy } from "./read/sale.ts";

/** `meta_data` of orders, lines and customers is a list of `{id, key, value}`. */
export const metaOf = ({ meta_data: list }: Loose, name: unknown): unknown =>
  typeof name === "string" ? namedIn(list, "key", name) : undefined;

export const saleOf = saleBy({
  attributeOf: metaOf,
  propertyOf: metaOf,
  partsOf,
  // What WooCommerce Subscriptions writes into the orders it renews.
  isRenewal: ({ created_via: via }) => via === "subscription",
});

/** Amounts are decimals as text. */
export const minorOf = (amount: unknown, currency: unknown): number | undefined =>
  typeof currency === "string" ? fromDecimal(decimalText(amount), currency) : undefined;

/**
 * Goods are what is left of the total after tax and shipping, so that the three always add up: fees
 * of the order are among them. The shop tells shipping without its tax.
 */
function partsOf(order: Loose): Parts | undefined {
  const { currency } = order;
  const [total, tax_minor, shipping_minor] = ["total", "total_tax", "shipping_total"].map(
    (member) => minorOf(order[member], currency),
  );
  if (total === undefined || tax_minor === undefined || shipping_minor === undefined)
    return undefined;
  return { net_minor: total - tax_minor - shipping_minor, tax_minor, shipping_minor };
}
