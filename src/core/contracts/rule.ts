import type { JsonObject } from "../json.ts";
import type { Violation } from "./event.ts";
import { missing } from "./violation.ts";

/** What a contract says about several fields at once, beyond what its schema can. */
export interface Rule {
  /** For the published schema. */
  readonly says: string;
  readonly check: (data: JsonObject) => readonly Violation[];
}

const NONE: readonly Violation[] = [];
const at = (name: string) => `data.${name}`;

/**
 * Total and parts agree to the unit; parts written `fee_minor?` count 0 when absent. Judged only
 * where every amount is one: what is missing or broken has its own violation. Exact beyond 2^53.
 */
export const addsUp = (total: string, parts: readonly string[]): Rule => {
  const says = `${total} = ${parts.join(" + ").replaceAll("?", " (0 if absent)")}`;
  return {
    says,
    check(data) {
      const amounts = parts.map((part) => partOf(data, part));
      const isJudged = [data[total], ...amounts].every((value) => Number.isSafeInteger(value));
      if (!isJudged) return NONE;
      const sum = amounts.reduce<bigint>((part, value) => part + BigInt(Number(value)), 0n);
      if (sum === BigInt(Number(data[total]))) return NONE;
      return [{ path: at(total), rule: "sum", message: `Parts must add up: ${says}` }];
    },
  };
};

const partOf = (data: JsonObject, part: string) =>
  part.endsWith("?") ? (data[part.slice(0, -1)] ?? 0) : data[part];

/** Holds a rule back until a field is there. */
export const where = (name: string, rule: Rule): Rule => ({
  says: `where ${name} is there, ${rule.says}`,
  check: (data) => (data[name] === undefined ? NONE : rule.check(data)),
});

/** Either all of them or none. */
export const together = (names: readonly string[]): Rule => {
  const says = `${names.join(", ")} are there together or not at all`;
  return {
    says,
    check(data) {
      const absent = names.filter((name) => data[name] === undefined);
      if (absent.length === names.length) return NONE;
      return absent.map((name) => missing(at(name), `Is required: ${says}`));
    },
  };
};

/** A field without which others cannot be understood. */
export const neededBy = (name: string, others: readonly string[]): Rule => {
  const says = `${others.join(" and ")} need ${name}`;
  return {
    says,
    check(data) {
      const isNeeded = others.some((other) => data[other] !== undefined);
      return isNeeded && data[name] === undefined
        ? [missing(at(name), `Is required: ${says}`)]
        : NONE;
    },
  };
};

/** Required after the key has filled in what it names. */
export const present = (name: string, form: string): Rule => {
  const says = `${name} is required here or by key ${form}`;
  return {
    says,
    check: (data) =>
      data[name] === undefined ? [missing(at(name), `Is required here or by key ${form}`)] : NONE,
  };
};

/** A delete carries no row; everything else does. */
export const rowUnlessDeleted: Rule = {
  says: "after is required and not null unless op is d",
  check(data) {
    if (data["op"] === "d" || data["op"] === undefined) return NONE;
    if (data["after"] === undefined) return [missing(at("after"), "Is required unless op is d")];
    if (data["after"] !== null) return NONE;
    return [{ path: at("after"), rule: "type", message: "Must be of type object unless op is d" }];
  },
};
