import type * as z from "zod";
import type { JsonObject } from "../json.ts";
import type { OrderingClass } from "./event.ts";
import { deriveKey, filling, keyed, type KeyForm } from "./key.ts";
import type { Rule } from "./rule.ts";

/**
 * Where the `rev` of a register comes from when neither envelope nor data has one: it is required,
 * or stands at 0, or is the moment of the change in the sender's system.
 */
export type RevisionDefault = "none" | "zero" | "data_occurred_at";

/** Version 1 of one type of the catalogue (DOMAIN §2.3). */
export interface Contract<Schema extends z.ZodObject = z.ZodObject> {
  readonly version: 1;
  readonly ordering: OrderingClass;
  /** Each field by itself; {@link rules} hold between them. */
  readonly data: Schema;
  readonly rules: readonly Rule[];
  /** What the key may look like; the first one that can be told is the event's. */
  readonly keys: readonly KeyForm[];
  readonly revision: RevisionDefault;
  /** The subject that data names; undefined where only the envelope's `key` does. */
  readonly key: (data: JsonObject, tenant: string) => string | undefined;
}

interface Terms<Schema extends z.ZodObject> {
  readonly data: Schema;
  readonly keys: readonly KeyForm[];
  readonly rules?: readonly Rule[];
  readonly revision?: RevisionDefault;
}

const contract = <Schema extends z.ZodObject>(
  ordering: OrderingClass,
  { data, keys, rules = [], revision = "none" }: Terms<Schema>,
): Contract<Schema> => ({
  version: 1,
  ordering,
  data,
  rules,
  keys,
  revision,
  key: (given, tenant) => firstKey(keys, given, tenant),
});

export const strict = <Schema extends z.ZodObject>(terms: Terms<Schema>) =>
  contract("strict", terms);
export const register = <Schema extends z.ZodObject>(terms: Terms<Schema>) =>
  contract("register", terms);
export const commutative = <Schema extends z.ZodObject>(terms: Terms<Schema>) =>
  contract("commutative", terms);
export const notice = <Schema extends z.ZodObject>(terms: Terms<Schema>) =>
  contract("notice", terms);

/** The distributor stands in data by contract. */
export const byDistributor = [keyed("dist", "distributor_id")];
/** The distributor stands in data or in the key. */
export const byKeyedDistributor = byDistributor.map(filling);
/** An order's own facts. */
export const byOrder = [keyed("order", "order_id")];
/** Facts that know their payment, and sometimes the order: it serialises them all. */
export const byPayment = [filling(keyed("order", "order_id")), keyed("payment", "payment_id")];

function firstKey(forms: readonly KeyForm[], data: JsonObject, tenant: string): string | undefined {
  for (const form of forms) {
    const key = deriveKey(form, data, tenant);
    if (key !== undefined) return key;
  }
  return undefined;
}
