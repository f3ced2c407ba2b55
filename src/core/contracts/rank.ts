import * as z from "zod";
import { code, dataRevision, id, keyedDistributor, words } from "./fields.ts";
import type { Data } from "./fields.ts";

export const RankChanged = z.looseObject({
  distributor_id: keyedDistributor(),
  period_id: id("The period the pay rank is for"),
  pay_rank: code("Rank qualified in the period, which commissions are paid on"),
  career_rank: code("Highest rank ever, for recognition only"),
  rev: dataRevision(),
  reason: words("Why it changed"),
});
export type RankChanged = Data<typeof RankChanged>;
