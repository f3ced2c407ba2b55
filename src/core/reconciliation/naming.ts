import type { Violation } from "../contracts/event.ts";

/** By what an item of an answer is known, the first that it has. */
const NAMES = ["line_id", "distributor_id", "id", "seq"] as const;
export type NameMember = (typeof NAMES)[number];

/** What is no id is not told further than an id may be. */
const CHARS_MAX = 128;
const READABLE = new RegExp(`^[^\\p{C}]{1,${CHARS_MAX}}$`, "u");

/** The name of an item, however odd the rest of it is; undefined where nobody can read it. */
export function nameIn(item: unknown, member: NameMember): string | undefined {
  const name: unknown = Reflect.get(Object(item), member);
  if (Number.isSafeInteger(name)) return String(name);
  return typeof name === "string" && READABLE.test(name) ? name : undefined;
}

/** `line_id "L-7001"` */
export const sayName = (member: NameMember, item: unknown): string =>
  `${member} ${JSON.stringify(nameIn(item, member))}`;

const ITEM = /^items\[(\d+)\]/;

/** Says of a fault in an answer whose item it is: places in it are known to nobody but who has it. */
export const namingIn =
  (body: unknown) =>
  (fault: Violation): Violation => {
    const at = ITEM.exec(fault.path)?.[1];
    const items: unknown = Reflect.get(Object(body), "items");
    if (at === undefined || !Array.isArray(items)) return fault;
    const item: unknown = items[Number(at)];
    const member = NAMES.find((one) => nameIn(item, one) !== undefined);
    if (member === undefined) return fault;
    return { ...fault, message: `${fault.message} (${sayName(member, item)})` };
  };
