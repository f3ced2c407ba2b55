import * as z from "zod";
import type { Operation } from "./operation.ts";
import { Instant } from "./parts.ts";

const Counts = z
  .strictObject({
    began_at: Instant,
    ended_at: Instant.nullable().describe("Null while it is under way"),
    pages: z.int().describe("Requests that brought records, or the end"),
    records: z.int().describe("That the product showed"),
    told: z.int().describe("Of them, those put on the queue: the others had been, lately"),
  })
  .nullable();

const PollError = z
  .strictObject({
    at: Instant,
    since: Instant.describe("When it began to fail, whatever for"),
    kind: z.enum(["unauthorized", "forbidden", "throttled", "expired", "refused", "failed"]),
    detail: z.string(),
  })
  .nullable();

const Stream = z.strictObject({
  stream: z.string().describe("Its name in `options.poll.streams`"),
  watermark: Instant.nullable().describe(
    "The newest change that a whole round has seen, by the product's clock",
  ),
  next_at: Instant.nullable().describe(
    'When it is asked again; null before its first round, and of `every: "never"`',
  ),
  failures: z.int().describe("In a row"),
  round: Counts.describe("Under way"),
  last: Counts.describe("The last whole one"),
  error: PollError.describe(
    "Why the round does not go on, or cannot be whole; null once it goes on where it failed",
  ),
});

const Polls = z.strictObject({
  source: z.string(),
  state: z.enum(["off", "active", "paused"]).describe("off: its options have no `poll`"),
  not_before: Instant.nullable().describe(
    "The product wants to be left alone, or the day's allowance is used up",
  ),
  used_24h: z.int().describe("Requests of the last 24 hours; credits at Zoho"),
  allowed_24h: z.int().nullable().describe("Our share of what the product gives"),
  look_up: z
    .strictObject({
      failures: z.int().describe("In a row"),
      error: PollError.describe("Why it could not be done; null once it could"),
    })
    .describe("Looking up what webhooks name"),
  streams: z.array(Stream).describe("As `options.poll` names them"),
});

export const POLL_ANSWERS = { Polls } as const satisfies Record<string, z.ZodType>;

const counts = {
  began_at: "2026-07-01T10:00:00.000Z",
  ended_at: "2026-07-01T10:00:02.000Z",
  pages: 2,
  records: 214,
  told: 37,
};

/** What the gateway asks products for by itself. */
export const POLLS: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/sources/{source}/polls": {
    id: "getPolls",
    tag: "Operation",
    summary: "How a source's product is polled",
    permission: "source:read",
    answer: {
      status: 200,
      isMirrored: true,
      name: "Polls",
      example: {
        source: "hubspot",
        state: "active",
        not_before: null,
        used_24h: 612,
        allowed_24h: 325_000,
        look_up: { failures: 0, error: null },
        streams: [
          {
            stream: "contacts",
            watermark: "2026-07-01T09:59:31.204Z",
            next_at: "2026-07-01T10:05:00.000Z",
            failures: 0,
            round: null,
            last: counts,
            error: null,
          },
        ],
      },
    },
  },
};
