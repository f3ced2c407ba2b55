import type * as z from "zod";
import type { Violation } from "./event.ts";
import { pathText, type Segments } from "./path.ts";

type Issue = z.core.$ZodIssue;

/**
 * A schema's issues as violations. Rules are words of our own, never renamed; messages name
 * limits and never quote what was sent (DOMAIN §10).
 */
export function violationsOf(
  issues: readonly Issue[],
  { root, value }: { root: Segments; value: unknown },
): Violation[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((segment) => typeof segment !== "symbol");
    if (issue.code === "invalid_union") return unionViolations(issue, { root, path, value });
    return [
      {
        path: pathText([...root, ...path]),
        ...verdict(issue, { given: valueAt(value, path), name: path.at(-1) ?? root.at(-1) }),
      },
    ];
  });
}

/** Says that a member is needed and why. */
export const missing = (path: string, why = "Is required"): Violation => ({
  path,
  rule: "required",
  message: why,
});

/** The branch whose type fits tells best what is wrong. */
function unionViolations(
  issue: z.core.$ZodIssueInvalidUnion,
  { root, path, value }: { root: Segments; path: Segments; value: unknown },
): Violation[] {
  const given = valueAt(value, path);
  const at = [...root, ...path];
  if (given === undefined) return [missing(pathText(at))];
  const fitting = issue.errors.find((branch) =>
    branch.every(({ code, path: inner }) => code !== "invalid_type" || inner.length > 0),
  );
  if (fitting !== undefined) return violationsOf(fitting, { root: at, value: given });
  const isFloat = typeof given === "number" && !Number.isInteger(given);
  const takesNumbers = issue.errors.some((branch) => branch.some(expectsNumber));
  if (isFloat && takesNumbers) return [{ path: pathText(at), ...INTEGER }];
  return [{ path: pathText(at), rule: "type", message: "Is of a type that is not accepted here" }];
}

const expectsNumber = (issue: Issue) =>
  issue.code === "invalid_type" && (issue.expected === "int" || issue.expected === "number");

type Verdict = Omit<Violation, "path">;

const INTEGER: Verdict = {
  rule: "integer",
  message: "Must be an integer, written as a JSON number without fraction",
};

interface Place {
  readonly given: unknown;
  readonly name: string | number | undefined;
}

function verdict(issue: Issue, { given, name }: Place): Verdict {
  if (given === undefined && issue.code !== "custom") {
    return { rule: "required", message: "Is required" };
  }
  if (issue.code === "invalid_type") return typeVerdict(issue, { given, name });
  if (issue.code === "invalid_value") {
    return { rule: "enum", message: `Must be one of ${issue.values.map(String).join(", ")}` };
  }
  if (issue.code === "too_small") {
    return limitVerdict(issue.origin, { side: "at least", limit: issue.minimum });
  }
  if (issue.code === "too_big") {
    return limitVerdict(issue.origin, { side: "at most", limit: issue.maximum });
  }
  if (issue.code === "invalid_key") {
    const [first] = issue.issues;
    return {
      rule: first === undefined ? "format" : ruleOf(first),
      message: "Has a name that is not accepted",
    };
  }
  return { rule: ruleOf(issue), message: issue.message };
}

/** An amount that is no integer breaks one rule, float or text; see `brokenAmounts`. */
function typeVerdict(issue: z.core.$ZodIssueInvalidType, { given, name }: Place): Verdict {
  const isAmount = typeof name === "string" && name.endsWith("_minor");
  if (expectsNumber(issue) && (isAmount || typeof given === "number")) return INTEGER;
  const expected = issue.expected === "int" ? "integer" : issue.expected;
  return { rule: "type", message: `Must be of type ${expected}` };
}

interface Limit {
  readonly side: "at least" | "at most";
  readonly limit: number | bigint;
}

function limitVerdict(origin: string, { side, limit }: Limit): Verdict {
  if (origin === "string") {
    return { rule: "length", message: `Must have ${side} ${limit} characters` };
  }
  if (origin === "array") return { rule: "length", message: `Must have ${side} ${limit} items` };
  const rule = side === "at least" ? "minimum" : "maximum";
  return { rule, message: `Must be ${side} ${limit}` };
}

/** Messages of formats and of our own checks are written in `fields.ts`. */
function ruleOf(issue: Issue): string {
  const rule: unknown = issue.code === "custom" ? issue.params?.["rule"] : undefined;
  return typeof rule === "string" ? rule : "format";
}

function valueAt(value: unknown, path: Segments): unknown {
  let at = value;
  for (const segment of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, segment)) return undefined;
    at = Reflect.get(at, segment);
  }
  return at;
}
