import * as z from "zod";
import { currency, id, keyedDistributor, signedAmount, words } from "./fields.ts";
import type { Data } from "./fields.ts";

export const ReconCorrection = z.looseObject({
  distributor_id: keyedDistributor(),
  break_id: id("The break that is healed, once"),
  line_id: id("The correcting line"),
  currency: currency(),
  amount_minor: signedAmount("The difference that is posted"),
  cause: words("Why the two sides differed"),
});
export type ReconCorrection = Data<typeof ReconCorrection>;
