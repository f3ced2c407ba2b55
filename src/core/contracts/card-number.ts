import { eachMember } from "./members.ts";
import { pathText } from "./path.ts";

/** Deeper values are not searched, and are masked whole. Contracts refuse them much earlier. */
const DEPTH_MAX = 64;
const MASK = "*";
/** 13–19 digits, with single spaces or dashes between. */
const DIGITS = /^\s*\d(?:[ -]?\d){12,18}\s*$/;

/** One part of a name, or a whole name written without a break, that announces a card number. */
const CARD_WORDS = new Set([
  "card",
  "cards",
  "pan",
  "pans",
  "cc",
  "ccn",
  "ccno",
  "ccnum",
  "ccnumber",
  "cardno",
  "cardnum",
  "cardnumber",
  "cardpan",
  "creditcard",
  "creditcardno",
  "creditcardnum",
  "creditcardnumber",
  "debitcard",
  "debitcardnumber",
  "primaryaccountnumber",
]);
/** In every word above: most names need no closer look. */
const CARD_HINT = /card|pan|cc|primary/i;
/** What the number itself is called inside an object that is named for the card. */
const NUMBER_WORDS = new Set(["number", "num", "no", "nr", "value", "digits"]);

/**
 * The paths of every card number: a text or number of 13–19 digits that passes Luhn, in a field
 * named like card, pan or cc (DOMAIN §2.1), in a list so named, or as `number` inside an object
 * so named. Elsewhere ids pass Luhn one time in ten.
 */
export function findCardNumbers(value: unknown): string[] {
  const found: string[] = [];
  search(value, [], { found, inCard: false });
  return found;
}

/** A copy of the same structure in which card numbers keep their last four digits only. */
export function maskCardNumbers<Value>(value: Value): Value {
  // The copy differs from its original in texts alone, or a number that became one.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- mask keeps the structure
  return mask(value, { depth: 0, isCard: false, inCard: false }) as Value;
}

interface Place {
  readonly depth: number;
  /** The value stands where a card number would. */
  readonly isCard: boolean;
  /** The nearest object is named for a card. */
  readonly inCard: boolean;
}

function search(
  value: unknown,
  path: (string | number)[],
  { found, inCard }: { found: string[]; inCard: boolean },
): void {
  if (typeof value !== "object" || value === null || path.length >= DEPTH_MAX) return;
  eachMember(value, (segment, member) => {
    path.push(segment);
    // The items of a list stand where the list stands.
    const isItem = typeof segment === "number";
    if (typeof member === "object") {
      search(member, path, { found, inCard: isItem ? inCard : namesCard(segment) });
    } else if (isCardNumber(member) && (isItem ? inCard : standsForCard(segment, inCard))) {
      found.push(pathText(path));
    }
    path.pop();
  });
}

function mask(value: unknown, { depth, isCard, inCard }: Place): unknown {
  if (typeof value !== "object" || value === null) {
    return isCard && isCardNumber(value) ? masked(String(value)) : value;
  }
  if (depth >= DEPTH_MAX) return MASK;
  if (Array.isArray(value)) {
    return value.map((item) => mask(item, { depth: depth + 1, isCard: inCard, inCard }));
  }
  // fromEntries defines members, so that one named __proto__ stays a member.
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const place = { depth: depth + 1, isCard: standsForCard(name, inCard) };
      return [name, mask(member, { ...place, inCard: namesCard(name) })];
    }),
  );
}

function masked(text: string): string {
  let left = text.replaceAll(/\D/g, "").length;
  return text.replaceAll(/\d/g, (digit) => (left-- > 4 ? MASK : digit));
}

const standsForCard = (name: string, inCard: boolean) =>
  namesCard(name) || (inCard && NUMBER_WORDS.has(name.toLowerCase()));

function namesCard(name: string): boolean {
  if (!CARD_HINT.test(name)) return false;
  const parts = partsOf(name);
  return parts.some((part) => CARD_WORDS.has(part)) || CARD_WORDS.has(parts.join(""));
}

/** `creditCardNumber`, `CCNumber`, `card_1` as lower-case words. */
const partsOf = (name: string) =>
  name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((part) => part !== "");

function isCardNumber(value: unknown): boolean {
  if (typeof value === "number") return value >= 1e12 && isCardNumber(String(value));
  if (typeof value !== "string" || value.length < 13) return false;
  return DIGITS.test(value) && passesLuhn(value);
}

/** ISO/IEC 7812-1 annex B: every second digit from the right counts double. */
function passesLuhn(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighted = i % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
