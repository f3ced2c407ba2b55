import type { Fact } from "./read/facts.ts";
import { isLoose, type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { instantText } from "./read/pick.ts";

/** One notification of either version, in the words of v2. */
export interface PipedriveChange {
  readonly id: string;
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  /** The account: object ids repeat from one to the next. */
  readonly company: string;
  readonly occurredAtMs: number;
  readonly changeSource: string;
  readonly actor: string;
  /** The object after the change; v1 calls it `current`. */
  readonly data: Loose | undefined;
  /** As it was: v2 lists what changed, v1 the whole object. */
  readonly previous: Loose | undefined;
}

/** People as well: who shows interest in the business is kept as a person before there is a lead. */
const LEADS: ReadonlySet<string> = new Set(["person", "lead"]);

const crmOf = ({ company }: PipedriveChange): string => `pipedrive:${company}`;

/** What a notification says in our words, or why it says nothing. */
export function translatePipedrive(change: PipedriveChange): Fact | string {
  const { action, entity, entityId, data } = change;
  if (!LEADS.has(entity)) return unsaid(change);
  if (action !== "create" && action !== "change") {
    return `No event of ours says "${action}" of a ${entity}: look at what it was for`;
  }
  if (data === undefined) return `The ${entity} is named and not told: fetch it`;
  const owner = textOf(data["owner_id"]) ?? textOf(looseOf(data["owner_id"])["id"]);
  return {
    type: "lead.upserted",
    data: told({ crm: crmOf(change), object_id: entityId, owner_id: owner, fields: data }),
  };
}

const unsaid = ({ action, entity }: PipedriveChange): string =>
  `No event of ours says "${action}" of "${entity}": say in options.rules what it is, or unsubscribe it`;

/** When the object was updated is told by the change itself. */
const UNTOLD: ReadonlySet<string> = new Set(["update_time"]);

/** Each field that is otherwise than it was; custom fields of v2 by `custom_fields.{key}`. */
export function changedFields(
  change: PipedriveChange,
): readonly { readonly field: string; readonly fact: Fact }[] {
  const { data = {}, previous = {} } = change;
  return Object.entries(previous)
    .filter(([field]) => !UNTOLD.has(field))
    .flatMap(([field, before]) => {
      const after = data[field];
      if (field !== "custom_fields" || !isLoose(before)) return [{ field, before, after }];
      return Object.entries(before).map(([key, was]) => ({
        field: `custom_fields.${key}`,
        before: was,
        after: looseOf(after)[key],
      }));
    })
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after ?? null))
    .map(({ field, after }) => ({ field, fact: fieldChanged(change, field, after ?? null) }));
}

const fieldChanged = (change: PipedriveChange, field: string, value: unknown): Fact => ({
  type: "crm.field_changed",
  data: {
    crm: crmOf(change),
    object: change.entity,
    object_id: change.entityId,
    field,
    value,
    change_source: change.changeSource,
    actor: change.actor,
    occurred_at: instantText(change.occurredAtMs),
  },
});
