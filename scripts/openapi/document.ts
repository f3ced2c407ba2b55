import type * as z from "zod";
import { PERMISSIONS } from "../../src/core/access.ts";
import { ANSWERS } from "./answers.ts";
import { CONTROL } from "./control.ts";
import { headerParameters, HEADERS, headersOf, isEntity, PARAMETERS, ref } from "./headers.ts";
import type { Answer, Operation } from "./operation.ts";
import { nameOf, Problem, problemOf, problemsOf, refsOf } from "./problems.ts";
import { describedAs, isRecord, jsonSchema } from "./schema.ts";
import { SECURITY_SCHEMES, TAGS } from "./sections.ts";
import { OPERATING } from "./operating.ts";
import { CHAINS } from "./chains.ts";
import { DELIVERIES } from "./deliveries.ts";
import { DELETION } from "./deletion.ts";
import { INGEST } from "./ingest.ts";
import { LEDGER } from "./ledger.ts";
import { LINKS } from "./links.ts";
import { LIVE } from "./live.ts";
import { MONITORING } from "./monitoring.ts";
import { OUTBOUND } from "./outbound.ts";
import { PLACE_EXAMPLES, PLACES } from "./places.ts";
import { PLANS } from "./plans.ts";
import { READS } from "./reads.ts";
import { POLLS } from "./polls.ts";
import { REBUILDS } from "./rebuilds.ts";
import { RECONCILIATIONS } from "./reconciliations.ts";
import { RECORDS } from "./records.ts";
import { REPLAYS } from "./replays.ts";
import { REPORTS } from "./reports.ts";
import { RUNS } from "./runs.ts";
import { SLA_OPERATIONS } from "./sla.ts";
import { TREES } from "./trees.ts";
import { USAGE } from "./usage.ts";

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...INGEST,
  ...CONTROL,
  ...OUTBOUND,
  ...DELIVERIES,
  ...DELETION,
  ...READS,
  ...LIVE,
  ...OPERATING,
  ...MONITORING,
  ...SLA_OPERATIONS,
  ...RECONCILIATIONS,
  ...REBUILDS,
  ...REPLAYS,
  ...POLLS,
  ...USAGE,
  ...PLANS,
  ...TREES,
  ...LINKS,
  ...RECORDS,
  ...REPORTS,
  ...LEDGER,
  ...RUNS,
  ...CHAINS,
};

/** Operations in the order of their tags, with the two halves of their names. */
export const EVERY_OPERATION = Object.entries(OPERATIONS).map(([place, operation]) => {
  const [method = "", path = ""] = place.split(" ");
  return { method, path, operation };
});

/** The OpenAPI 3.1 document of the whole HTTP interface. */
export function openapi(): object {
  const responses: Record<string, object> = {};
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, operation } of EVERY_OPERATION) {
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
    servers: [{ url: "/", description: "The deployment that serves this document" }],
    security: SECURITY,
    tags: TAGS,
    paths,
    components: {
      schemas: Object.fromEntries(
        schemas.map(([name, schema]) => [name, jsonSchema(schema, "output", name)]),
      ),
      responses,
      parameters: PARAMETERS,
      headers: HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** Either of them; a key that is bound to a certificate takes both. */
const SECURITY = [{ apiKey: [] }, { jwt: [] }, { apiKey: [], certificate: [] }];

function describe(method: string, path: string, operation: Operation): object {
  const { id, tag, summary, permission, body, answer } = operation;
  const isPublic = permission === "public";
  const access = isPublic ? "" : `Permission \`${permission}\`: ${rolesWith(permission)}.`;
  const description = [operation.description, access].filter(Boolean).join("\n\n");
  const place = { method, path };
  const { isMirrored } = answer;
  const unchanged = isMirrored === undefined ? {} : { isMirrored };
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: description === "" ? `${summary}.` : description,
    ...(isPublic ? { security: [] } : {}),
    parameters: parametersOf(method, path, operation),
    ...(body === undefined ? {} : { requestBody: requestOf(id, body) }),
    responses: {
      [answer.status]: answerOf(place, operation),
      ...(method === "PUT"
        ? { 201: { ...answerOf(place, operation), description: "Created" } }
        : {}),
      ...(isEntity(method, path, answer)
        ? {
            304: {
              description: "Unchanged since `If-None-Match`",
              headers: headersOf(place, operation, unchanged),
            },
          }
        : {}),
      ...refsOf(problemsOf(method, path, operation)),
    },
  };
}

const rolesWith = (permission: string): string =>
  Object.entries(PERMISSIONS)
    .filter(([, granted]) => [...granted].some((name) => name === permission))
    .map(([role]) => role)
    .join(", ");

function parametersOf(method: string, path: string, operation: Operation): object[] {
  const { query, answer, id } = operation;
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
    description: PLACES[name],
    example: PLACE_EXAMPLES[name],
  }));
  const schema = query === undefined ? {} : jsonSchema(query, "input", id);
  const properties = Object.entries(isRecord(schema["properties"]) ? schema["properties"] : {});
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const filters = properties.map(([name, of]) => {
    const { description, ...form } = describedAs(isRecord(of) ? of : {}, `${id}.${name}`);
    return { name, in: "query", required: required.includes(name), schema: form, description };
  });
  const isPaged = answer.isList === true && path.includes("{tenant}");
  return [
    ...places,
    ...filters,
    ...(isPaged ? [ref("parameters", "cursor"), ref("parameters", "limit")] : []),
    ...headerParameters(method, path, operation),
  ];
}

const requestOf = (id: string, { schema, example }: NonNullable<Operation["body"]>): object => ({
  required: true,
  content: { "application/json": { schema: jsonSchema(schema, "input", id), example } },
});

const answerOf = (
  place: { readonly method: string; readonly path: string },
  operation: Operation,
): object => ({
  description: DESCRIPTIONS[operation.answer.status],
  headers: headersOf(place, operation, operation.answer),
  ...contentOf(operation.answer),
});

const DESCRIPTIONS = { 200: "Done", 201: "Created", 202: "Accepted", 204: "Done" };

function contentOf({ name, isList, beside, media, example, alsoAs = {} }: Answer): object {
  const texts = Object.entries(alsoAs).map(([type, sample]): [string, object] => [
    type,
    { schema: { type: "string" }, example: sample },
  ]);
  if (media !== undefined) {
    texts.push([
      media,
      { schema: { type: media.endsWith("json") ? "object" : "string" }, example },
    ]);
  }
  if (name === undefined) return texts.length === 0 ? {} : { content: Object.fromEntries(texts) };
  const schema = isList ? listOf(name, beside?.schema) : ref("schemas", name);
  const shown = isList ? { ...beside?.example, items: [example], next_cursor: null } : example;
  return {
    content: { "application/json": { schema, example: shown }, ...Object.fromEntries(texts) },
  };
}

const listOf = (name: string, beside?: z.ZodObject): object => ({
  type: "object",
  properties: {
    ...Object(beside === undefined ? {} : jsonSchema(beside, "output", name)["properties"]),
    items: {
      type: "array",
      items: ref("schemas", name),
      description: "At most `limit` of them; a page may be short and still not be the last",
    },
    next_cursor: {
      type: ["string", "null"],
      description: "The `cursor` of the next page; null at the end of the list",
    },
  },
  required: [...Object.keys(beside?.shape ?? {}), "items", "next_cursor"],
  additionalProperties: false,
});
