import { CATALOGUE } from "../contracts/catalogue.ts";
import type { JsonObject } from "../json.ts";
import type { Revision } from "../ordering/rev.ts";
import type { Break } from "../subject/entry.ts";

/** Where a sender tells no `low_stock_at`, only an article that has run out is low. */
const LOW_AT = 0;

const piecesOf = ({ on_hand }: JsonObject): number =>
  typeof on_hand === "number" ? on_hand : Number.POSITIVE_INFINITY;

const lowAtOf = ({ low_stock_at }: JsonObject): number =>
  typeof low_stock_at === "number" ? low_stock_at : LOW_AT;

/** At its threshold or below it: empty and oversold always are. */
export const isLow = (stock: JsonObject): boolean => piecesOf(stock) <= lowAtOf(stock);

/** What the ids of an article begin with, whichever its places: `SKU-1:`. */
export function stockIdsOf(sku: string): string {
  const key = CATALOGUE["inventory.adjusted"].key({ sku }, "") ?? "";
  return key.slice(key.indexOf(":") + 1, key.lastIndexOf(":") + 1);
}

/**
 * The alert of a stock that becomes low (DOMAIN «inventory.adjusted»): one for each time it crosses
 * its threshold, however often it is counted below.
 */
export function lowStock(
  id: string,
  { stock, before, at }: { stock: JsonObject; before: JsonObject | undefined; at: Revision },
): readonly Break[] {
  if (!isLow(stock) || (before !== undefined && isLow(before))) return [];
  return [
    {
      break_id: `LOW_STOCK:${id}:${at.epoch}.${at.rev}`,
      class: "LOW_STOCK",
      reference: id,
      detail: `${piecesOf(stock)} on hand, low at ${lowAtOf(stock)}`,
    },
  ];
}
