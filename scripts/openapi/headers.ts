import { BOOKMARK_PATTERN } from "../../src/edge/http/bookmarks.ts";
import { type ProblemCode, PROBLEMS } from "../../src/edge/http/problem.ts";
import type { Answer, Operation } from "./operation.ts";

const text = { type: "string" };

export const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

/** What requests carry beside path and query; `Authorization` is among the security schemes. */
export const PARAMETERS = {
  cursor: {
    name: "cursor",
    in: "query",
    schema: { ...text, maxLength: 4096, pattern: "^[\\w-]+$" },
    description: "A `next_cursor` of this list, asked with the same filters",
  },
  limit: {
    name: "limit",
    in: "query",
    schema: { type: "integer", minimum: 1, maximum: 200, default: 50 },
    description: "How many items at most",
  },
  bookmark: {
    name: "D1-Bookmark",
    in: "header",
    schema: { ...text, pattern: BOOKMARK_PATTERN },
    description: "Of an earlier answer, a write's among them: this one is no older",
  },
  known: {
    name: "If-None-Match",
    in: "header",
    schema: text,
    description: "An earlier `ETag`: 304 where nothing has changed",
  },
  idempotency: {
    name: "Idempotency-Key",
    in: "header",
    schema: { ...text, minLength: 1, maxLength: 255 },
    description:
      "Names this write: sent again with the same body it is answered as the first time and done once, with another body 422",
  },
} as const;

/** What answers carry. Those that are `required` come with every one that names them. */
export const HEADERS = {
  "Request-Id": {
    required: true,
    schema: text,
    description: "Names the request in our log: tell it whoever helps you",
  },
  "Server-Timing": {
    schema: text,
    description: "How long it took, in milliseconds: `total;dur=12`",
  },
  ETag: {
    required: true,
    schema: text,
    description: "Of the body, weak where that tells when it was made: for `If-None-Match`",
  },
  "D1-Bookmark": {
    schema: text,
    description:
      "How far D1 was: a later read that brings it sees no less, after a write what was written. Where a distributor's object answered, how far that was as well: for later reads of the same status",
  },
  "RateLimit-Policy": {
    schema: text,
    description: 'The limits that it counted against: `"key";q=5000;w=10`, `w` in seconds',
  },
  RateLimit: {
    schema: text,
    description:
      'What is left of each at most, and in how many seconds it begins anew: `"key";r=4990;t=7`',
  },
  "Retry-After": {
    required: true,
    schema: { type: "integer", minimum: 0 },
    description: "Seconds to wait before it is sent again",
  },
  "Idempotency-Replayed": {
    schema: text,
    description: "`true`: the answer of the first request under this `Idempotency-Key`",
  },
  "WWW-Authenticate": { schema: text, description: "Which credentials are taken" },
  "Content-Disposition": { schema: text, description: "A name for the file" },
} as const;

type HeaderName = keyof typeof HEADERS;

const refs = (names: readonly HeaderName[]): object =>
  Object.fromEntries(names.map((name) => [name, ref("headers", name)]));

const isGuarded = ({ permission }: Operation): boolean => permission !== "public";

/** Whether its answers have tags, and 304: streams have neither. */
export const isEntity = (method: string, path: string, { media }: Pick<Answer, "media">): boolean =>
  method === "GET" && path.startsWith("/v1/") && (media ?? JSON_MEDIA) === JSON_MEDIA;

const JSON_MEDIA = "application/json";

const LIMITS = ["RateLimit-Policy", "RateLimit"] as const;

/** Headers of an answer that is no problem. */
export function headersOf(
  { method, path }: { readonly method: string; readonly path: string },
  operation: Operation,
  { isMirrored, alsoAs }: Pick<Answer, "isMirrored" | "alsoAs">,
): object {
  const isTagged = isEntity(method, path, operation.answer);
  const names: readonly (readonly [HeaderName, boolean])[] = [
    ["Request-Id", true],
    ["Server-Timing", !path.startsWith("/in/")],
    ["ETag", isTagged],
    ["D1-Bookmark", isMirrored === true],
    ["RateLimit-Policy", isGuarded(operation)],
    ["RateLimit", isGuarded(operation)],
    ["Idempotency-Replayed", isWrite(method, operation)],
    ["Content-Disposition", alsoAs !== undefined],
  ];
  const named = refs(names.filter(([, has]) => has).map(([name]) => name));
  // Only JSON is tagged, not what else `Accept` can choose.
  return alsoAs === undefined || !isTagged
    ? named
    : { ...named, ETag: { ...HEADERS.ETag, required: false } };
}

/** Headers of a problem that has one of these codes, which share a status. */
export function problemHeaders(codes: readonly ProblemCode[]): object {
  const has = (status: number): boolean => codes.some((code) => PROBLEMS[code].status === status);
  return {
    ...refs([
      "Request-Id",
      "Server-Timing",
      ...(has(401) ? (["WWW-Authenticate"] as const) : []),
      ...(has(429) || has(503) ? (["Retry-After"] as const) : []),
      ...LIMITS,
      "Idempotency-Replayed",
    ]),
    ...(codes.includes("idempotency_in_progress") ? { "Retry-After": WHILE_IN_PROGRESS } : {}),
  };
}

/** Other codes of the same status come without it: there is nothing to wait for. */
const WHILE_IN_PROGRESS = {
  ...HEADERS["Retry-After"],
  required: false,
  description: "Of `idempotency_in_progress` alone: seconds to wait before it is sent again",
};

/** Which header parameters an operation takes. */
export function headerParameters(method: string, path: string, operation: Operation): object[] {
  return [
    ...(method === "GET" && operation.answer.isMirrored ? [ref("parameters", "bookmark")] : []),
    ...(isEntity(method, path, operation.answer) ? [ref("parameters", "known")] : []),
    ...(isWrite(method, operation) ? [ref("parameters", "idempotency")] : []),
  ];
}

const isWrite = (method: string, operation: Operation): boolean =>
  method !== "GET" && isGuarded(operation);
