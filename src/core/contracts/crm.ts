import * as z from "zod";
import { anything, code, dataRevision, id, instant } from "./fields.ts";
import type { Data } from "./fields.ts";

export const CrmFieldChanged = z.looseObject({
  crm: code("The CRM"),
  object: code("Kind of object, as the CRM names it: contact, lead, …").optional(),
  object_id: id("The object's id in the CRM"),
  field: id("The field, as the CRM names it"),
  value: anything("The value after the change, null when it was cleared"),
  change_source: code("What changed it, as the CRM tells: UI, INTEGRATION, …"),
  actor: id("Who changed it: a user or an app, by its id"),
  occurred_at: instant("When the field changed"),
  rev: dataRevision(),
});
export type CrmFieldChanged = Data<typeof CrmFieldChanged>;
