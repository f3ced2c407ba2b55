import * as z from "zod";
import { type ProblemCode, PROBLEMS } from "../../src/edge/http/problem.ts";
import { problemHeaders, ref } from "./headers.ts";
import type { Operation } from "./operation.ts";
import { Violation } from "./parts.ts";

/** The one shape of every refusal: RFC 9457. */
export const Problem = z.strictObject({
  type: z.string(),
  code: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z.array(Violation).optional(),
});

type Problems = ReadonlyMap<number, readonly ProblemCode[]>;

/** The codes that an operation can answer, by status. */
export function problemsOf(method: string, path: string, operation: Operation): Problems {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codesOf(method, path, operation))) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

/** What a set of codes is called among the document's responses. */
export const nameOf = (codes: readonly ProblemCode[]): string => codes.toSorted().join("_or_");

export const refsOf = (problems: Problems): object =>
  Object.fromEntries(
    [...problems].map(([status, codes]) => [status, ref("responses", nameOf(codes))]),
  );

function codesOf(method: string, path: string, operation: Operation): ProblemCode[] {
  const { permission, body, problems = [] } = operation;
  if (path.startsWith("/in/")) return [...problems];
  if (permission === "public") return [...problems, "parameter_invalid", ...BOUNDED, "internal"];
  return [
    ...problems,
    "parameter_invalid",
    ...GUARDED,
    ...(method === "GET" ? [] : WRITTEN),
    ...(body === undefined ? [] : POSTED),
    "internal",
  ];
}

/** What is looked at before anything else. */
const BOUNDED = ["uri_too_long", "headers_too_large", "headers_too_many"] as const;

const GUARDED = [
  "unauthorized",
  "forbidden",
  "not_found",
  "rate_limited",
  // While a database or an object is out.
  "overloaded",
  ...BOUNDED,
] as const;
const POSTED = ["malformed", "invalid", "unsupported_media_type"] as const;
const WRITTEN = [
  "too_large",
  "idempotency_key_reused",
  "idempotency_in_progress",
  "idempotency_answer_lost",
] as const;

/** The answer for each of these codes, which share a status. */
export function problemOf(codes: readonly ProblemCode[]): object {
  const schema = {
    allOf: [ref("schemas", "Problem"), { properties: { code: { enum: codes } } }],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join("; "),
    headers: problemHeaders(codes),
    content: {
      "application/problem+json": {
        schema,
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

/** What a refusal can say beside its code. */
const SAID: Partial<Record<ProblemCode, object>> = {
  parameter_invalid: {
    errors: [{ path: "limit", rule: "range", message: "Must be a whole number from 1 to 200" }],
  },
  invalid: {
    errors: [{ path: "currency", rule: "currency", message: "Must be a currency of ISO 4217" }],
  },
  contract_violated: {
    errors: [{ path: "data.amount_minor", rule: "type", message: "Must be a whole number" }],
  },
  malformed: { detail: "The body is no JSON" },
};

function exampleOf(code: ProblemCode): object {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:upline:problem:${code}`, code, title, status, ...SAID[code] };
}
