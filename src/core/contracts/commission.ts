import * as z from "zod";
import {
  amount,
  code,
  count,
  currency,
  id,
  instant,
  keyedDistributor,
  points,
  rate,
} from "./fields.ts";
import type { Data } from "./fields.ts";

export const CommissionPosted = z.looseObject({
  line_id: id("The commission line"),
  distributor_id: id("Who earns"),
  order_id: id("The order that is paid on; absent for period bonuses").optional(),
  component: code("Which component of the plan pays"),
  level: count("Level that is paid, counted after compression").optional(),
  paid_level: count("Level after compression, where the core tells both").optional(),
  cv_x100: points("Commissionable volume that is paid on").optional(),
  rate_ppm: rate("Share that is paid").optional(),
  currency: currency(),
  amount_minor: amount("The commission"),
  period_id: id("The period it counts in"),
  run_id: id("The commission run that computed it"),
  available_at: instant("When the holdback ends; absent: by the plan").optional(),
});
export type CommissionPosted = Data<typeof CommissionPosted>;

export const CommissionReversed = z.looseObject({
  distributor_id: keyedDistributor(),
  line_id: id("The reversing line"),
  reverses_line_id: id("The line that is taken back, wholly or in part"),
  currency: currency(),
  amount_minor: amount("How much is taken back"),
});
export type CommissionReversed = Data<typeof CommissionReversed>;

export const CommissionReleased = z.looseObject({
  distributor_id: keyedDistributor(),
  line_id: id("The line that becomes payable"),
});
export type CommissionReleased = Data<typeof CommissionReleased>;
