import type { JsonObject } from "../../core/json.ts";
import { scaled } from "../../core/money.ts";
import { itemsOf, type Loose, looseOf, textOf } from "./loose.ts";
import { decimalText } from "./shapes.ts";

/** What an order tells of the sale beyond its total, as far as the source's options find it. */
export interface Sale extends Partial<Parts> {
  readonly cv_x100?: number | undefined;
  readonly pv_x100?: number | undefined;
  readonly source_node?: string | undefined;
  readonly order_kind: string;
}

/** An order's total apart, in minor units: all three of them, or none. */
export interface Parts {
  readonly net_minor: number;
  readonly tax_minor: number;
  readonly shipping_minor: number;
}

/** How a shop's orders are built, as far as shops differ. */
interface Shop {
  /** An attribute of the order, or of one of its lines, that the shop's own people named. */
  readonly attributeOf: (order: Loose, name: string) => unknown;
  readonly propertyOf: (line: Loose, name: string) => unknown;
  readonly partsOf: (order: Loose) => Parts | undefined;
  /** Whether the shop's subscriptions made the order. */
  readonly isRenewal: (order: Loose) => boolean;
}

/**
 * Reads a shop's order by the options `distributor_attribute`, `cv_attribute` or `cv_property`, the
 * same of `pv`, and `enrollment_skus`.
 */
export const saleBy =
  (shop: Shop) =>
  (order: Loose, options: JsonObject): Sale => {
    const { distributor_attribute: distributor } = options;
    const node = typeof distributor === "string" ? shop.attributeOf(order, distributor) : undefined;
    return {
      ...shop.partsOf(order),
      cv_x100: pointsOf(shop, order, [options["cv_attribute"], options["cv_property"]]),
      pv_x100: pointsOf(shop, order, [options["pv_attribute"], options["pv_property"]]),
      source_node: textOf(node),
      order_kind: kindOf(shop, order, options),
    };
  };

/**
 * The order's own points, or those of each line times how many were bought. Lines without any count
 * 0; where no line has them they are not known, as the option may be misspelt.
 */
function pointsOf(
  shop: Shop,
  order: Loose,
  [attribute, property]: readonly [unknown, unknown],
): number | undefined {
  if (typeof attribute === "string") {
    return scaled(decimalText(shop.attributeOf(order, attribute)), 2);
  }
  if (typeof property !== "string") return undefined;
  const lines = linesOf(order)
    .map((line) => ({ each: shop.propertyOf(line, property), quantity: line["quantity"] }))
    .filter(({ each }) => each !== undefined);
  let total = 0;
  for (const { each, quantity } of lines) {
    const points = scaled(decimalText(each), 2);
    if (points === undefined || typeof quantity !== "number") return undefined;
    total += points * quantity;
  }
  return lines.length === 0 ? undefined : total;
}

function kindOf(shop: Shop, order: Loose, options: JsonObject): string {
  const wanted = itemsOf(options["enrollment_skus"]);
  const skus = linesOf(order).map(({ sku }) => sku);
  if (skus.some((sku) => typeof sku === "string" && wanted.includes(sku))) return "enrollment_kit";
  return shop.isRenewal(order) ? "autoship" : "store";
}

const linesOf = (order: Loose): readonly Loose[] => itemsOf(order["line_items"]).map(looseOf);

/** The value of one entry of a list of `{name, value}` or `{key, value}`; null counts as none. */
export const namedIn = (list: unknown, member: "name" | "key", name: string): unknown =>
  itemsOf(list)
    .map(looseOf)
    .find((entry) => entry[member] === name)?.["value"] ?? undefined;
