import { EVENT_TYPES } from "../contracts/catalogue.ts";

/** Kinds of {@link MessageEffect}: what core/order/paid.ts and core/distributor/standing-act.ts tell. */
const MESSAGE_KINDS = ["payment_confirmed", "rank_changed"] as const;

/** Everything that a notice can be of: the catalogue's types, and `message.{kind}`. */
export const NOTICE_TYPES: readonly string[] = [
  ...EVENT_TYPES,
  ...MESSAGE_KINDS.map((kind) => `message.${kind}`),
];

const EVERYTHING = "*";

/** `payment.` of `payment.*`; nothing of another pattern. */
const prefixOf = (pattern: string): string | undefined =>
  pattern.endsWith(".*") ? pattern.slice(0, -EVERYTHING.length) : undefined;

/** `payment.*` of `payment.confirmed`. */
const groupOf = (type: string): string => `${type.slice(0, type.indexOf(".") + 1)}${EVERYTHING}`;

/**
 * What a subscription can ask for, each of which matches a notice at least: `*`, every type as it is
 * written, and every group of types, `payment.*`.
 */
export const PATTERNS: readonly string[] = [
  EVERYTHING,
  ...new Set(NOTICE_TYPES.map(groupOf)),
  ...NOTICE_TYPES,
];

/** Whether a pattern wants notices of a type: `*` all, `payment.*` its group, another itself alone. */
export function matches(pattern: string, type: string): boolean {
  if (pattern === EVERYTHING) return true;
  const prefix = prefixOf(pattern);
  return prefix === undefined ? pattern === type : type.startsWith(prefix);
}
