import type { Violation } from "./event.ts";
import { eachMember } from "./members.ts";
import { pathText } from "./path.ts";

/** Containers inside containers, the envelope itself counted. */
export const DEPTH_MAX = 32;
/** Members and items of one event in all: bounds what a delivery can make us walk. */
export const MEMBERS_MAX = 20_000;
export const NAME_CHARS_MAX = 256;

interface Walk {
  readonly path: (string | number)[];
  readonly broken: Violation[];
  members: number;
}

/** What is too deep, too much or too long, at most one of each; nothing else looks at it then. */
export function exceededLimits(input: object): readonly Violation[] {
  const walk: Walk = { path: [], broken: [], members: 0 };
  measure(input, walk);
  return walk.broken;
}

function measure(container: object, walk: Walk): void {
  if (walk.path.length >= DEPTH_MAX) {
    complain(walk, { rule: "depth", message: `Must be at most ${DEPTH_MAX} levels deep` });
    return;
  }
  eachMember(container, (segment, member) => {
    walk.members += 1;
    walk.path.push(segment);
    judgeMember(segment, walk);
    if (typeof member === "object" && member !== null) measure(member, walk);
    walk.path.pop();
    return walk.members <= MEMBERS_MAX;
  });
}

function judgeMember(segment: string | number, walk: Walk): void {
  if (walk.members === MEMBERS_MAX + 1) {
    complain(walk, { rule: "length", message: `Must hold at most ${MEMBERS_MAX} members in all` });
  }
  if (typeof segment === "string" && segment.length > NAME_CHARS_MAX) {
    complain(walk, {
      rule: "name_length",
      message: `Names have ${NAME_CHARS_MAX} characters at most`,
    });
  }
}

function complain({ path, broken }: Walk, { rule, message }: Omit<Violation, "path">): void {
  if (broken.some((violation) => violation.rule === rule)) return;
  broken.push({ path: pathText(path), rule, message });
}

/**
 * Every member of `data` that ends in `_minor` is an amount, known to the contract or not: floats
 * and texts in it are refused (DOMAIN §2.1).
 */
export function brokenAmounts(data: object): readonly Violation[] {
  const broken: Violation[] = [];
  judgeAmounts(data, ["data"], broken);
  return broken;
}

function judgeAmounts(container: object, path: (string | number)[], broken: Violation[]): void {
  eachMember(container, (segment, member) => {
    path.push(segment);
    if (typeof segment === "string" && segment.endsWith("_minor")) {
      const verdict = amountVerdict(member);
      if (verdict !== undefined) broken.push({ path: pathText(path), ...verdict });
    } else if (typeof member === "object" && member !== null) {
      judgeAmounts(member, path, broken);
    }
    path.pop();
  });
}

function amountVerdict(value: unknown): Omit<Violation, "path"> | undefined {
  if (Number.isSafeInteger(value)) return undefined;
  if (value === undefined) return undefined;
  if (!Number.isInteger(value)) {
    return {
      rule: "integer",
      message: "Must be an integer of minor units, written as a JSON number",
    };
  }
  const isLow = Number(value) < 0;
  return isLow
    ? { rule: "minimum", message: `Must be at least ${Number.MIN_SAFE_INTEGER}` }
    : { rule: "maximum", message: `Must be at most ${Number.MAX_SAFE_INTEGER}` };
}
