import { fromDecimal } from "../core/money.ts";
import { itemsOf, type Loose, looseOf, textOf } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";
import { namedIn, type Parts, saleBy } from "./read/sale.ts";

/** Attributes of orders and properties of lines are lists of `{name, value}`. */
export const saleOf = saleBy({
  attributeOf: ({ note_attributes: list }, name) => namedIn(list, "name", name),
  propertyOf: ({ properties }, name) => namedIn(properties, "name", name),
  partsOf,
  // Shopify makes the orders of its subscription contracts itself.
  isRenewal: (order) => textOf(order["source_name"])?.startsWith("subscription_contract") === true,
});

/** The sum of one member of some objects, in minor units; nothing where one of them is no amount. */
export function sumOf(
  objects: readonly Loose[],
  member: string,
  currency: unknown,
): number | undefined {
  if (typeof currency !== "string") return undefined;
  let total = 0;
  for (const object of objects) {
    const amount = fromDecimal(decimalText(object[member]), currency);
    if (amount === undefined) return undefined;
    total += amount;
  }
  return total;
}

/**
 * Goods are what is left of the total after tax and shipping, so that the three always add up: tips
 * and duties are among them. Where prices include the tax, so does the price of shipping.
 */
function partsOf(order: Loose): Parts | undefined {
  const { currency } = order;
  const [total, tax] = [
    sumOf([order], "total_price", currency),
    sumOf([order], "total_tax", currency),
  ];
  const lines = itemsOf(order["shipping_lines"]).map(looseOf);
  const prices = lines.map((line) => ({ price: line["discounted_price"] ?? line["price"] }));
  const shipping = sumOf(prices, "price", currency);
  const taxes = lines.flatMap((line) => itemsOf(line["tax_lines"])).map(looseOf);
  const included = order["taxes_included"] === true ? sumOf(taxes, "price", currency) : 0;
  if (total === undefined || tax === undefined) return undefined;
  if (shipping === undefined || included === undefined) return undefined;
  const shipping_minor = shipping - included;
  return { net_minor: total - tax - shipping_minor, tax_minor: tax, shipping_minor };
}
