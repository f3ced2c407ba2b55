import type * as z from "zod";
import type { Violation } from "../contracts/event.ts";
import { violationsOf } from "../contracts/violation.ts";
import { ok } from "../result.ts";
import { nameIn, type NameMember, namingIn } from "./naming.ts";
import type { Read } from "./wire.ts";

/** An item of an answer that breaks the interface, or one of several under the same name. */
export interface OddItem {
  /** Null where nobody can read it. */
  readonly name: string | null;
  /** Whose it is, the same. */
  readonly distributor_id: string | null;
  readonly fault: Violation;
}

/**
 * Reads an answer whose items have nothing to do with each other: where some of them break the
 * interface, the others are read, and those are told as odd. Of two under one name neither is believed.
 */
export const sifted =
  <Item>(read: (body: unknown) => Read<Item>, schema: z.ZodType, member: NameMember) =>
  (body: unknown): Read<Item> => {
    const first = read(body);
    const items: unknown = Reflect.get(Object(body), "items");
    if (first.ok || !Array.isArray(items)) return first;
    const odd = oddAmong(items, { schema, member, say: namingIn(body) });
    const rest = read({ ...Object(body), items: items.filter((_, at) => !odd.has(at)) });
    // Something else is wrong: an answer that is none.
    if (!rest.ok || odd.size === 0) return first;
    return ok({ ...rest.value, odd: [...odd.values()] });
  };

interface Sieve {
  readonly schema: z.ZodType;
  readonly member: NameMember;
  readonly say: (fault: Violation) => Violation;
}

function oddAmong(
  items: readonly unknown[],
  { schema, member, say }: Sieve,
): ReadonlyMap<number, OddItem> {
  const names = items.map((item) => nameIn(item, member) ?? null);
  const times = Map.groupBy(names, (name) => name);
  const odd = new Map<number, OddItem>();
  items.forEach((item, at) => {
    const name = names[at] ?? null;
    const isTwice = name !== null && (times.get(name)?.length ?? 0) > 1;
    const fault = isTwice ? twiceAt(at, member) : faultOf(item, at, schema);
    const distributor_id = nameIn(item, "distributor_id") ?? null;
    if (fault !== undefined) odd.set(at, { name, distributor_id, fault: say(fault) });
  });
  return odd;
}

const twiceAt = (at: number, member: NameMember): Violation => ({
  path: `items[${at}].${member}`,
  rule: "unique",
  message: "Must be there once only",
});

/** The first of them says enough. */
function faultOf(item: unknown, at: number, schema: z.ZodType): Violation | undefined {
  const { error } = schema.safeParse(item);
  return error && violationsOf(error.issues, { root: ["items", at], value: item })[0];
}
