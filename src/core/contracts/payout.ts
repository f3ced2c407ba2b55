import * as z from "zod";
import { amount, code, currency, id, keyedDistributor, words } from "./fields.ts";
import type { Data } from "./fields.ts";

export const PayoutInitiated = z.looseObject({
  distributor_id: keyedDistributor(),
  payout_id: id("The payout"),
  currency: currency(),
  gross_minor: amount("What leaves the distributor's balance"),
  net_minor: amount("What the distributor is sent"),
  fee_minor: amount("Payout fee; 0 if absent").optional(),
  withholding_minor: amount("Tax withheld; 0 if absent").optional(),
  method: code("How it is paid, as a code of the company's"),
});
export type PayoutInitiated = Data<typeof PayoutInitiated>;

export const PayoutSettled = z.looseObject({
  distributor_id: keyedDistributor(),
  payout_id: id("The payout that arrived"),
});
export type PayoutSettled = Data<typeof PayoutSettled>;

export const PayoutFailed = z.looseObject({
  distributor_id: keyedDistributor(),
  payout_id: id("The payout that came back"),
  fee_kept: z.boolean().describe("Whether the payout fee stays with the company"),
  reason: words("Why it failed"),
});
export type PayoutFailed = Data<typeof PayoutFailed>;
