import * as z from "zod";
import { EVENT_TYPES } from "../../core/contracts/catalogue.ts";
import type { Violation } from "../../core/contracts/event.ts";
import { violationsOf } from "../../core/contracts/violation.ts";
import type { JsonObject } from "../../core/json.ts";
import { picksFault, rulesFault } from "./effort.ts";
import { Conditions, Pick, Picks } from "./pick.ts";

const EventTypeName = z.enum(EVENT_TYPES);

/** An event made of what a product tells, where the sender's own translation is not wanted. */
export const EventRule = z.strictObject({
  type: EventTypeName,
  /** When the rule is taken; always where absent. The first rule that holds is taken. */
  when: Conditions.exactOptional(),
  fields: Picks,
  rev: Pick.exactOptional(),
  seq: Pick.exactOptional(),
  epoch: Pick.exactOptional(),
  key: Pick.exactOptional(),
  occurred_at: Pick.exactOptional(),
});
export type EventRule = z.output<typeof EventRule>;

const bounded =
  <Value>(faultOf: (value: Value) => string | undefined) =>
  (value: Value, context: z.core.$RefinementCtx<Value>): void => {
    const message = faultOf(value);
    if (message === undefined) return;
    context.addIssue({ code: "custom", params: { rule: "effort" }, message });
  };

/** Rules of which the first that holds is taken. */
export const rulesUpTo = (rulesMax: number) =>
  z.array(EventRule).max(rulesMax).superRefine(bounded(rulesFault));

/** Fields added to, or standing in place of, those of the sender's own translation, by type. */
const Fields = z.partialRecord(EventTypeName, Picks.superRefine(bounded(picksFault)));

export const RULES_MAX = 100;

/** What every product's source may say of its mapping. */
export const MAPPING = {
  fields: Fields.exactOptional(),
  rules: rulesUpTo(RULES_MAX).exactOptional(),
};

const Mapping = z.object(MAPPING);
export type Mapping = z.output<typeof Mapping>;

/** Parsed options, kept by identity: a source's are read for each of its deliveries. */
const mappings = new WeakMap<JsonObject, Mapping>();

/** The mapping in a source's options. They were judged when stored; what is no mapping is none. */
export function mappingOf(options: JsonObject): Mapping {
  const known = mappings.get(options);
  if (known !== undefined) return known;
  const mapping = Mapping.safeParse(options).data ?? {};
  mappings.set(options, mapping);
  return mapping;
}

/** The check of options that are exactly a schema's. */
export const checkedBy =
  (schema: z.ZodType) =>
  (options: JsonObject): readonly Violation[] => {
    const parsed = schema.safeParse(options);
    if (parsed.success) return [];
    return violationsOf(parsed.error.issues, { root: ["options"], value: options });
  };

/** Options of a product: its mapping, and what it knows besides. */
export const productOptions = (own: z.core.$ZodLooseShape = {}) =>
  checkedBy(z.strictObject({ ...MAPPING, ...own }));

/** A sender of our own contract is told nothing. */
export const noOptions = checkedBy(z.strictObject({}));
