import * as z from "zod";
import type { Operation } from "./operation.ts";
import { Instant } from "./parts.ts";

const Used = z.strictObject({
  used: z.int().describe("How many there are"),
  limit: z.int().describe("How many there may be"),
});

export const USAGE_ANSWERS = {
  Usage: z.strictObject({
    events: z
      .strictObject({
        day: z.string().describe("The day of UTC, `yyyy-mm-dd`"),
        used: z.int().describe("Accepted events of the day, as far as they are counted"),
        limit: z.int().nullable().describe("How many there may be in a day; null: any number"),
        is_over: z
          .boolean()
          .describe("Senders of our own contract are answered 429 until the day ends"),
        counted_until: Instant.describe("Events that arrived before it are counted"),
        resets_at: Instant.describe("When the next day begins"),
      })
      .describe("Accepted events of today"),
    sources: Used.describe("Sources that exist"),
    keys: Used.describe("API keys that are neither revoked nor expired"),
    requests_per_minute: z
      .strictObject({ limit: z.int().describe("At each Cloudflare location") })
      .describe("Requests to this API, of all callers together"),
  }),
};

/** What a tenant has used up. */
export const USAGE: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/usage": {
    id: "getUsage",
    tag: "Operation",
    summary: "What the tenant uses, and what its quotas let it",
    description:
      "Events are counted every minute, two minutes after they arrive. What reaches us later than that is not in the count.",
    permission: "tenant:read",
    answer: {
      status: 200,
      isMirrored: true,
      name: "Usage",
      example: {
        events: {
          day: "2026-07-01",
          used: 120_000,
          limit: 1_000_000,
          is_over: false,
          counted_until: "2026-07-01T09:58:00.000Z",
          resets_at: "2026-07-02T00:00:00.000Z",
        },
        sources: { used: 4, limit: 200 },
        keys: { used: 31, limit: 10_000 },
        requests_per_minute: { limit: 120_000 },
      },
    },
  },
};
