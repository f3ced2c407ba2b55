import { findCardNumbers } from "../../core/contracts/card-number.ts";
import type { Violation } from "../../core/contracts/event.ts";
import { pathText } from "../../core/contracts/path.ts";
import { isLoose, type Loose } from "./loose.ts";

/** `card_id` names a card and holds a product's id of it, of which every tenth passes Luhn. */
const IDS = /(?:[_-]id|Id|ID)s?$/;

/** What products call the halves of a field that they tell as a pair: `{"key": …, "value": …}`. */
const NAMES = ["key", "name", "label", "propertyName"] as const;
const VALUES = ["value", "propertyValue"] as const;

/**
 * The card numbers in what a product told, whether our event would hold them or not: DOMAIN §2.1
 * has them refused, and a delivery that is taken is kept.
 */
export const cardFaults = (payload: unknown): readonly Violation[] =>
  [...findCardNumbers(payload), ...pairsIn(payload, [])]
    .filter((path) => !IDS.test(path))
    .map((path) => ({
      path: path.startsWith("[") ? `payload${path}` : `payload.${path}`,
      rule: "card_number",
      message: "Must not be a card number: have the product send a token or the last four digits",
    }));

/** Paths of values whose name, beside them, announces a card number. */
function pairsIn(value: unknown, path: readonly (string | number)[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, at) => pairsIn(item, [...path, at]));
  if (!isLoose(value)) return [];
  const own = VALUES.filter((name) => isNamedForCard(value, value[name]));
  const found = own.map((name) => pathText([...path, name]));
  const inside = Object.entries(value).flatMap(([name, member]) =>
    typeof member === "object" ? pairsIn(member, [...path, name]) : [],
  );
  return [...found, ...inside];
}

function isNamedForCard(pair: Loose, value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "number") return false;
  return NAMES.some((name) => {
    const field = pair[name];
    if (typeof field !== "string" || IDS.test(field)) return false;
    return findCardNumbers({ [field]: value }).length > 0;
  });
}
