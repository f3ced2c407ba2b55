import * as z from "zod";
import { PERMISSIONS } from "../../src/core/access.ts";
import { PROBLEMS, type ProblemCode } from "../../src/edge/http/problem.ts";
import { ANSWERS } from "./answers.ts";
import { CONTROL } from "./control.ts";
import type { Answer, Operation } from "./operation.ts";
import { OPERATING } from "./operating.ts";
import { Violation } from "./parts.ts";
import { CHAINS } from "./chains.ts";
import { LEDGER } from "./ledger.ts";
import { PLACES } from "./places.ts";
import { PLANS } from "./plans.ts";
import { READS } from "./reads.ts";
import { RECORDS } from "./records.ts";
import { REPORTS } from "./reports.ts";
import { RUNS } from "./runs.ts";
import { TREES } from "./trees.ts";

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...CONTROL,
  ...READS,
  ...OPERATING,
  ...PLANS,
  ...TREES,
  ...RECORDS,
  ...REPORTS,
  ...LEDGER,
  ...RUNS,
  ...CHAINS,
};

/** The OpenAPI 3.1 document of the whole HTTP interface. */
export function openapi(): object {
  const responses: Record<string, object> = {};
  const paths: Record<string, Record<string, object>> = {};
  for (const [place, operation] of Object.entries(OPERATIONS)) {
    const [method = "", path = ""] = place.split(" ");
    (paths[path] ??= {})[method.toLowerCase()] = describe(method, path, operation);
    for (const codes of problemsOf(method, path, operation).values()) {
      responses[nameOf(codes)] = problemOf(codes);
    }
  }
  const schemas = Object.entries({ ...ANSWERS, Problem });
  return {
    openapi: "3.1.1",
    info: {
      title: "Upline",
      version: "1",
      description:
        "Webhook gateway for direct-selling companies. Errors are RFC 9457 problem+json with a stable `code`. Times are RFC 3339 in UTC. Integers up to 2^53 − 1 are numbers, larger ones decimal text. Lists go on with `next_cursor`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    tags: [...new Set(Object.values(OPERATIONS).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(
        schemas.map(([name, schema]) => [name, jsonSchema(schema, "output")]),
      ),
      responses,
      parameters: PARAMETERS,
      headers: HEADERS,
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "An API key (`upl_…`), or the deployment's ADMIN_TOKEN",
        },
      },
    },
  };
}

const Problem = z.strictObject({
  type: z.string(),
  code: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z.array(Violation).optional(),
});

const text = { type: "string" };

const PARAMETERS = {
  cursor: {
    name: "cursor",
    in: "query",
    schema: text,
    description: "A `next_cursor` of this list",
  },
  limit: {
    name: "limit",
    in: "query",
    schema: { type: "integer", minimum: 1, maximum: 200, default: 50 },
  },
  bookmark: {
    name: "D1-Bookmark",
    in: "header",
    schema: text,
    description: "Of an earlier answer: this one is no older",
  },
  known: { name: "If-None-Match", in: "header", schema: text, description: "An earlier `ETag`" },
};

const HEADERS = {
  "Request-Id": { schema: text, description: "Names the request in our log" },
  "Server-Timing": { schema: text },
  ETag: { schema: text },
  "D1-Bookmark": { schema: text, description: "How far the mirror was" },
};

function describe(method: string, path: string, operation: Operation): object {
  const { id, tag, summary, permission, body } = operation;
  const isPublic = permission === "public";
  const access = isPublic ? "" : `Permission \`${permission}\`: ${rolesWith(permission)}.`;
  const description = [operation.description, access].filter(Boolean).join("\n\n");
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === "" ? {} : { description }),
    ...(isPublic ? { security: [] } : {}),
    parameters: parametersOf(method, path, operation),
    ...(body === undefined ? {} : { requestBody: requestOf(body) }),
    responses: {
      [operation.answer.status]: answerOf(method, operation.answer),
      ...(method === "PUT" ? { 201: answerOf(method, operation.answer) } : {}),
      ...(method === "GET" ? { 304: { description: "Unchanged since `If-None-Match`" } } : {}),
      ...refsOf(problemsOf(method, path, operation)),
    },
  };
}

const rolesWith = (permission: string): string =>
  Object.entries(PERMISSIONS)
    .filter(([, granted]) => [...granted].some((name) => name === permission))
    .map(([role]) => role)
    .join(", ");

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

function parametersOf(method: string, path: string, { query, answer }: Operation): object[] {
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: text,
    description: PLACES[name],
  }));
  const schema = query === undefined ? {} : jsonSchema(query, "input");
  const properties = Object.entries(isRecord(schema["properties"]) ? schema["properties"] : {});
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const filters = properties.map(([name, of]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: of,
  }));
  const isPaged = answer.isList === true && path.includes("{tenant}");
  return [
    ...places,
    ...filters,
    ...(isPaged ? [ref("parameters", "cursor"), ref("parameters", "limit")] : []),
    ...(answer.isMirrored ? [ref("parameters", "bookmark")] : []),
    ...(method === "GET" ? [ref("parameters", "known")] : []),
  ];
}

const requestOf = ({ schema, example }: NonNullable<Operation["body"]>): object => ({
  required: true,
  content: { "application/json": { schema: jsonSchema(schema, "input"), example } },
});

function answerOf(method: string, answer: Answer): object {
  const { status, isMirrored } = answer;
  const names = [
    "Request-Id",
    "Server-Timing",
    ...(method === "GET" ? ["ETag"] : []),
    ...(isMirrored ? ["D1-Bookmark"] : []),
  ];
  return {
    description: DESCRIPTIONS[status],
    headers: Object.fromEntries(names.map((name) => [name, ref("headers", name)])),
    ...contentOf(answer),
  };
}

const DESCRIPTIONS = { 200: "Done", 201: "Created", 202: "Accepted", 204: "Done" };

function contentOf({ name, isList, media, example }: Answer): object {
  if (media !== undefined) return { content: { [media]: { schema: { type: "object" } } } };
  if (name === undefined) return {};
  const schema = isList ? listOf(name) : ref("schemas", name);
  const shown = isList ? { items: [example], next_cursor: null } : example;
  return { content: { "application/json": { schema, example: shown } } };
}

const listOf = (name: string): object => ({
  type: "object",
  properties: {
    items: { type: "array", items: ref("schemas", name) },
    next_cursor: { type: ["string", "null"], description: "Null at the end of the list" },
  },
  required: ["items", "next_cursor"],
});

type Problems = ReadonlyMap<number, readonly ProblemCode[]>;

/** The codes that an operation can answer, by status. */
function problemsOf(method: string, path: string, operation: Operation): Problems {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codesOf(method, path, operation))) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

const nameOf = (codes: readonly ProblemCode[]): string => codes.toSorted().join("_or_");

const refsOf = (problems: Problems): object =>
  Object.fromEntries(
    [...problems].map(([status, codes]) => [status, ref("responses", nameOf(codes))]),
  );

function codesOf(method: string, path: string, operation: Operation): ProblemCode[] {
  const { permission, body, problems = [], id } = operation;
  const isRead = method === "GET" && permission !== "public";
  return [
    ...problems,
    ...(isRead || path.includes("{distributor}") ? (["parameter_invalid"] as const) : []),
    ...(permission === "public" ? [] : GUARDED),
    ...(body === undefined || id === "ingest" ? [] : POSTED),
    "internal",
  ];
}

const GUARDED = ["unauthorized", "forbidden", "not_found", "rate_limited"] as const;
const POSTED = ["malformed", "invalid", "too_large", "unsupported_media_type"] as const;

function problemOf(codes: readonly ProblemCode[]): object {
  const examples = codes.map((code) => {
    const { status, title } = PROBLEMS[code];
    return [code, { value: { type: `urn:upline:problem:${code}`, code, title, status } }] as const;
  });
  const schema = {
    allOf: [ref("schemas", "Problem"), { properties: { code: { enum: codes } } }],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join("; "),
    headers: { "Request-Id": ref("headers", "Request-Id") },
    content: {
      "application/problem+json": { schema, examples: Object.fromEntries(examples) },
    },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const json = z.toJSONSchema(schema, { target: "draft-2020-12", io, unrepresentable: "any" });
  return Object.fromEntries(Object.entries(json).filter(([name]) => name !== "$schema"));
}
