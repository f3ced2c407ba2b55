import * as z from "zod";
import { dataRevision, id, integer, words } from "./fields.ts";
import type { Data } from "./fields.ts";

export const InventoryAdjusted = z.looseObject({
  sku: id("The article"),
  location: id("The warehouse; absent: the only one").optional(),
  on_hand: integer("Pieces on hand after the change, negative when oversold"),
  rev: dataRevision(),
  reason: words("Why it changed"),
});
export type InventoryAdjusted = Data<typeof InventoryAdjusted>;
