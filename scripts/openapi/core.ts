import type * as z from "zod";
import { IDS_MAX } from "../../src/core/reconciliation/asked.ts";
import { LEVELS } from "../../src/core/reconciliation/buckets.ts";
import { WITHIN_MAX } from "../../src/core/reconciliation/walk.ts";
import {
  BalancesAnswer,
  DigestsAnswer,
  EventsAnswer,
  LinesAnswer,
} from "../../src/core/reconciliation/wire-schema.ts";
import { CORE_EXAMPLES } from "./core-examples.ts";
import {
  errors,
  natural,
  PAGING,
  PARAMETERS,
  PROBLEM,
  ref,
  RESPONSES,
  time,
} from "./core-parts.ts";
import { jsonSchema } from "./schema.ts";

/** The OpenAPI 3.1 document of what a core offers to be reconciled with; docs/core.md explains it. */
export function coreOpenapi(): object {
  return {
    openapi: "3.1.1",
    info: {
      title: "A core, as Upline asks it",
      version: "1",
      description:
        "What the system that owns the commission ledger offers, so that the mirror can be proved right. Read only. Times are RFC 3339; a line counts in a bucket by its `effective_at`, cut to the millisecond. An answer is JSON of at most 1 MB. Members that are not named here are ignored. docs/core.md says how digests are made.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [
      {
        url: "https://core.example/upline",
        description: "`core.url` of the tenant; paths are put behind it",
      },
    ],
    security: [{ core: [] }],
    tags: [
      { name: "Digests", description: "What is compared first: sums over many lines or balances" },
      { name: "Ledger", description: "What is read where digests differ" },
    ],
    paths: {
      "/recon/digests": { get: digests() },
      "/recon/balances": { get: balances() },
      "/ledger": { get: ledger() },
    },
    components: {
      schemas: {
        Digests: answerSchema(DigestsAnswer),
        Balances: answerSchema(BalancesAnswer),
        Lines: answerSchema(LinesAnswer),
        Events: answerSchema(EventsAnswer),
        Problem: PROBLEM,
      },
      parameters: PARAMETERS,
      responses: RESPONSES,
      securitySchemes: {
        core: {
          type: "http",
          scheme: "bearer",
          description:
            "`core.auth` of the tenant: a bearer token, or a whole `Authorization` where it has a space",
        },
      },
    },
  };
}

const answerSchema = (schema: z.ZodType): object => jsonSchema(schema, "input", "Core");

const digests = (): object => ({
  operationId: "getDigests",
  tags: ["Digests"],
  summary: "Digests of lines by time and shard, or of balances by shard",
  description:
    "Optional: a core without digests answers 404 or 501, and its lines are listed instead. `from` and `to` are the beginnings of buckets of the level (of an hour, for parts); parts are asked for within one day. With `within`, which a core offers whose answers of parts say `part_digits`, none of `from`, `to` and `shard` is there.",
  parameters: [
    {
      name: "level",
      in: "query",
      required: true,
      description: "Which buckets: by time, or `balances`, which takes no time",
      schema: { type: "string", enum: LEVELS },
      example: "hour",
    },
    time(
      "from",
      "The first instant; required but for `balances` and with `within`",
      "2026-11-19T13:00:00.000Z",
    ),
    time("to", "The first instant that is left out", "2026-11-19T15:00:00.000Z"),
    ref("parameters", "shard"),
    {
      name: "within",
      in: "query",
      description:
        "With `level=part`: the sixteenths of these parts, `…/a0` to `…/af` of `…/a`, by one digit more. All are parts of one hour, of as many digits",
      schema: { type: "array", items: { type: "string" }, maxItems: WITHIN_MAX },
      example: ["2026-11-19T13/51/a"],
    },
    {
      name: "totals",
      in: "query",
      description: "`true`: each bucket comes with its totals by currency",
      schema: { type: "string", enum: ["true", "false"] },
    },
    ref("parameters", "as_of_seq"),
    ref("parameters", "cursor"),
  ],
  responses: {
    200: answer("The buckets that hold anything", {
      digests: ["Digests", CORE_EXAMPLES.digests],
    }),
    ...errors(["BadQuestion", "Unauthorized", "NotOffered", "StateGone", "Busy"]),
  },
});

const balances = (): object => ({
  operationId: "listBalances",
  tags: ["Digests"],
  summary: "Balances of distributors",
  description:
    "What a distributor has in each bucket and currency: credit above zero, zero left out, a distributor without any left out. Sorted by `distributor_id` as UTF-8 bytes, whatever the shard. Asked for the shards whose digests of balances differ.",
  parameters: [ref("parameters", "shard"), ...PAGING.map((name) => ref("parameters", name))],
  responses: {
    200: answer("A page of distributors", { balances: ["Balances", CORE_EXAMPLES.balances] }),
    ...errors(["BadQuestion", "Unauthorized", "NotOffered", "StateGone", "Busy"]),
  },
});

const ledger = (): object => ({
  operationId: "listLedger",
  tags: ["Ledger"],
  summary: "Lines of a bucket, lines that changed, lines by id, or events of a stream",
  description:
    "Asked by exactly one of `bucket`, `updated_since`, `line_id` and `stream`. A core that knows no buckets answers `bucket` with 404; `updated_since` is what every core has to offer. Each line is told once in a listing, as it is as of `as_of_seq`.",
  parameters: [
    {
      name: "bucket",
      in: "query",
      description: "The lines of this bucket, of any level by time",
      schema: { type: "string" },
      example: "2026-11-19T13/51",
    },
    time(
      "updated_since",
      "The lines whose `updated_at` is this or later",
      "2026-11-19T00:00:00.000Z",
    ),
    {
      name: "line_id",
      in: "query",
      description: "The lines of these ids; those that are not there are left out",
      schema: { type: "array", items: { type: "string" }, maxItems: IDS_MAX },
    },
    {
      name: "stream",
      in: "query",
      description: "The events of this strict stream, with `epoch`, and from `from` to `to`",
      schema: { type: "string" },
      example: "dist:42",
    },
    natural("epoch", "Of the stream's events; 0 where absent"),
    natural("from", "The first seq of the stream"),
    natural("to", "The last seq of the stream"),
    ...PAGING.map((name) => ref("parameters", name)),
  ],
  responses: {
    200: answer("A page of lines, or of events where a stream was asked for", {
      lines: ["Lines", CORE_EXAMPLES.lines],
      events: ["Events", CORE_EXAMPLES.events],
    }),
    ...errors(["BadQuestion", "Unauthorized", "NotOffered", "StateGone", "Busy"]),
  },
});

/** One media type; of several schemas any may be meant. */
function answer(
  description: string,
  shown: Readonly<Record<string, readonly [schema: string, example: object]>>,
): object {
  const schemas = Object.values(shown).map(([name]) => ref("schemas", name));
  const [only] = schemas;
  const examples = Object.entries(shown).map(([name, [, value]]) => [name, { value }]);
  return {
    description,
    content: {
      "application/json": {
        schema: schemas.length === 1 ? only : { anyOf: schemas },
        examples: Object.fromEntries(examples),
      },
    },
  };
}
