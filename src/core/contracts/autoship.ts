import * as z from "zod";
import { code, dataRevision, id, instantOrDay } from "./fields.ts";
import type { Data } from "./fields.ts";

export const AutoshipChanged = z.looseObject({
  autoship_id: id("The recurring order"),
  next_run: z
    .union([instantOrDay("When it runs next"), z.null()])
    .describe("When it runs next, RFC 3339 date-time or date; null: never again"),
  status: code("Status as the shop names it"),
  rev: dataRevision(),
});
export type AutoshipChanged = Data<typeof AutoshipChanged>;
