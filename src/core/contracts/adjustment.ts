import * as z from "zod";
import { code, currency, id, instantOrDay, keyedDistributor, signedAmount } from "./fields.ts";
import type { Data } from "./fields.ts";

export const AdjustmentPosted = z.looseObject({
  distributor_id: keyedDistributor(),
  line_id: id("The adjustment"),
  currency: currency(),
  amount_minor: signedAmount("What the distributor gets or loses"),
  reason_code: code("Why, as a code of the company's"),
  effective_at: instantOrDay("From when it counts"),
  approved_by: id("Who approved it"),
});
export type AdjustmentPosted = Data<typeof AdjustmentPosted>;
