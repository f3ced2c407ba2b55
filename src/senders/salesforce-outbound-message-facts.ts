import { parseInstant } from "../core/contracts/instant.ts";
import type { Fact } from "./read/facts.ts";
import { type Loose, told } from "./read/loose.ts";

/** A record as an outbound message brings it: the fields that its definition in Setup lists. */
export interface SObject {
  /** Its type, as `Contact`. */
  readonly object: string;
  readonly organizationId: string;
  /** Values are text, or null where `xsi:nil`. */
  readonly fields: Loose;
}

const NO_ORDER =
  "Tells neither SystemModstamp nor LastModifiedDate: add one of them to the fields of this outbound message in Setup, as nothing else says which of two changes is the later one";

/** When the record was changed last, in ms; nothing where the message has no such field. */
export const changedAtMs = ({ SystemModstamp, LastModifiedDate }: Loose): number | undefined =>
  instantOf(SystemModstamp) ?? instantOf(LastModifiedDate);

const instantOf = (value: unknown): number | undefined =>
  typeof value === "string" ? parseInstant(value.trim()) : undefined;

/**
 * What a record says in our words. A message has the record's latest state at the time it is sent,
 * so that it can stand as a revision of it, numbered by the moment of its last change.
 */
export function translateSObject(record: SObject): Fact | string {
  switch (record.object) {
    case "Contact":
    case "Lead":
      return revised(record, leadOf);
    case "Case":
      return revised(record, ticketOf);
    default:
      return `No event of ours says "${record.object}": say in options.rules what it is, when {"$object": "${record.object}"}`;
  }
}

function revised(record: SObject, translate: (record: SObject) => Fact): Fact | string {
  const rev = changedAtMs(record.fields);
  return rev === undefined ? NO_ORDER : { ...translate(record), rev };
}

const leadOf = ({ organizationId, fields }: SObject): Fact => ({
  type: "lead.upserted",
  data: {
    ...told({
      crm: `salesforce:${organizationId}`,
      object_id: fields["Id"],
      owner_id: fields["OwnerId"],
    }),
    fields,
  },
});

/** Type and Reason are pick lists that may be empty; a case is at least that. */
const ticketOf = ({ organizationId, fields }: SObject): Fact => ({
  type: "ticket.upserted",
  data: told({
    system: `salesforce:${organizationId}`,
    object_id: fields["Id"],
    status: fields["Status"],
    subject_kind: filled(fields["Type"]) ?? filled(fields["Reason"]) ?? "case",
  }),
});

const filled = (value: unknown): unknown => (value === "" || value === null ? undefined : value);
