import * as z from "zod";
import { dataRevision, id, instantOrDay } from "./fields.ts";
import type { Data } from "./fields.ts";

export const CustomerLinked = z.looseObject({
  customer_id: id("The customer, a leaf that never earns"),
  enroller_id: id("The distributor who brought the customer"),
  effective_at: instantOrDay("From when the link holds"),
  rev: dataRevision(),
});
export type CustomerLinked = Data<typeof CustomerLinked>;
