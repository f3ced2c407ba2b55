import { SHARDS } from "../../src/core/reconciliation/shard.ts";
import { PAGE_ITEMS_MAX } from "../../src/core/reconciliation/wire-schema.ts";
import { CORE_EXAMPLES } from "./core-examples.ts";

export const ref = (kind: string, name: string): object => ({
  $ref: `#/components/${kind}/${name}`,
});

export const time = (name: string, description: string, example: string): object => ({
  name,
  in: "query",
  description,
  schema: { type: "string", format: "date-time" },
  example,
});

export const natural = (name: string, description: string): object => ({
  name,
  in: "query",
  description,
  schema: { type: "integer", minimum: 0 },
});

export const PAGING = ["as_of_seq", "cursor", "limit"] as const;

export const PARAMETERS = {
  shard: {
    name: "shard",
    in: "query",
    description: "Of these shards alone: `shard=3&shard=17`; of all where absent",
    schema: {
      type: "array",
      items: { type: "integer", minimum: 0, maximum: SHARDS - 1 },
    },
  },
  as_of_seq: {
    name: "as_of_seq",
    in: "query",
    description:
      "Answer as of this change, and name it in the answer; as of now where absent. What changed since is told as it was, or left out.",
    schema: { type: "string", pattern: "^(?:0|[1-9]\\d*)$" },
    example: "80412",
  },
  cursor: {
    name: "cursor",
    in: "query",
    description: "The `next_cursor` of the page before; the other parameters stay the same",
    schema: { type: "string" },
  },
  limit: {
    name: "limit",
    in: "query",
    description: "Items of a page, at most; fewer are allowed, as a page may have 1 MB",
    schema: { type: "integer", minimum: 1, maximum: PAGE_ITEMS_MAX, default: PAGE_ITEMS_MAX },
  },
};

export const PROBLEM = {
  type: "object",
  description: "RFC 9457; nothing of it is read but the status",
  properties: {
    type: { type: "string", description: "What kind of problem it is" },
    title: { type: "string", description: "The same, for a person" },
    status: { type: "integer", description: "The HTTP status" },
    detail: { type: "string", description: "What is wrong with this very request" },
  },
};

const problem = (description: string, more: object = {}): object => ({
  description,
  ...more,
  content: {
    "application/problem+json": {
      schema: ref("schemas", "Problem"),
      example: CORE_EXAMPLES.problem,
    },
  },
});

const RETRY_AFTER = {
  "Retry-After": {
    description: "Seconds, or a date: waited for, 30 s at most",
    schema: { type: "string" },
  },
};

export const RESPONSES = {
  BadQuestion: problem(
    "A parameter is wrong: a mistake of whoever asks, never asked again as it is",
  ),
  Unauthorized: problem("No valid credential"),
  NotOffered: problem("This core does not offer that; 405 and 501 mean the same"),
  StateGone: problem(
    "The core cannot answer as of `as_of_seq`; 410 means the same: a run begins anew",
  ),
  Busy: problem("Not now; any 5xx but 501 means the same. Asked again, four times in all", {
    headers: RETRY_AFTER,
  }),
};

const STATUS = { BadQuestion: 400, Unauthorized: 401, NotOffered: 404, StateGone: 409, Busy: 429 };

export const errors = (names: readonly (keyof typeof STATUS)[]): object =>
  Object.fromEntries(names.map((name) => [STATUS[name], ref("responses", name)]));
