import * as z from "zod";
import { code, dataRevision, id, members } from "./fields.ts";
import type { Data } from "./fields.ts";

export const LeadUpserted = z.looseObject({
  crm: code("The CRM that holds the lead"),
  object_id: id("The lead's id in the CRM"),
  owner_id: id("Who works the lead").optional(),
  fields: members("The lead's fields as the CRM names them"),
  rev: dataRevision(),
});
export type LeadUpserted = Data<typeof LeadUpserted>;
