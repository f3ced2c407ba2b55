import * as z from "zod";
import { code, dataRevision, id } from "./fields.ts";
import type { Data } from "./fields.ts";

export const TicketUpserted = z.looseObject({
  system: code("The CRM or helpdesk that holds the ticket"),
  object_id: id("The ticket's id there"),
  distributor_id: id("The distributor it is about").optional(),
  status: code("Status as the system names it"),
  subject_kind: code("What it is about, as a code"),
  rev: dataRevision(),
});
export type TicketUpserted = Data<typeof TicketUpserted>;
