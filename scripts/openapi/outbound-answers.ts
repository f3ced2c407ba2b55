import * as z from "zod";
import { Instant } from "./parts.ts";

const Destination = z.strictObject({
  destination: z.string().describe("The destination's name"),
  kind: z.string(),
  url: z.string(),
  auth: z.strictObject({
    secrets: z.array(z.string()).describe("The last four characters of each, newest first"),
  }),
  per_minute: z.int(),
  concurrency: z.int(),
  state: z.enum(["active", "paused", "gone"]),
  paused_at: Instant.optional(),
  created_at: Instant,
  updated_at: Instant,
});

/** What the routes of destinations and subscriptions answer. */
export const OUTBOUND_ANSWERS = {
  Destination,
  SavedDestination: z.strictObject({
    ...Destination.shape,
    secret: z
      .string()
      .optional()
      .describe("The secret that was made: shown this once. Absent where none was"),
  }),
  Subscription: z.strictObject({
    subscription: z.string().describe("The subscription's name"),
    destination: z.string(),
    types: z.array(z.string()),
    sources: z.array(z.string()).optional(),
    except_sources: z.array(z.string()).optional(),
    created_at: Instant,
    updated_at: Instant,
  }),
};
