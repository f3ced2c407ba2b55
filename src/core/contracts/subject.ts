import * as z from "zod";
import { dataRevision, id, words } from "./fields.ts";
import type { Data } from "./fields.ts";

/** One of the two ids is always there after reading: key may name it alone. */
export const SubjectErased = z.looseObject({
  distributor_id: id("The distributor whose personal data goes").optional(),
  customer_id: id("The customer whose personal data goes").optional(),
  basis: words("Legal ground or ticket of the request"),
  rev: dataRevision(),
});
export type SubjectErased = Data<typeof SubjectErased>;
