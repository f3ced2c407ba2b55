import * as z from "zod";
import { DELIVERY_STATES } from "../../src/core/outbound/delivery.ts";
import { Id, Instant } from "./parts.ts";

const Attempt = z.strictObject({
  at: Instant.describe("When it was made"),
  took_ms: z.int().describe("Until there was an answer, or none any more"),
  status: z.int().optional().describe("Of the answer; absent where none came"),
  error: z.string().optional().describe("Why it did not count as delivered; absent where it did"),
});

const Delivery = z.strictObject({
  delivery_id: Id.describe("The `webhook-id` of each attempt: by it a receiver knows what it has"),
  destination: z.string().describe("To whom it goes"),
  subscription: z.string().describe("The first of the destination's by name that wanted it"),
  type: z.string().describe("Of the catalogue, or `message.{kind}`"),
  event_id: Id.optional().describe("Ours; absent for what no event of its own told"),
  subject: z.string().describe("Whom or what it is about: `order:O1`"),
  state: z
    .enum(DELIVERY_STATES)
    .describe(
      "pending: tried until it is delivered or dead; dead: its attempts are used up; cancelled: its destination is gone",
    ),
  attempts: z.int().describe("How many were made, as far as they are kept: the 30 newest"),
  last_attempt: Attempt.optional().describe("Absent before the first one"),
  next_attempt_at: Instant.optional().describe(
    "At the earliest: a destination that is paused or left alone is sent nothing. Absent once nobody tries any more",
  ),
  created_at: Instant.describe("When it was recorded what it tells"),
  ended_at: Instant.optional().describe(
    "Absent while it is pending; 30 days later it is forgotten",
  ),
});

const DeliveryDetail = z.strictObject({
  ...Delivery.shape,
  attempts_made: z.array(Attempt).describe("The oldest first"),
  body: z
    .strictObject({
      type: z.string().describe("As `type` of the delivery"),
      timestamp: Instant.describe("When it happened"),
      data: z.record(z.string(), z.unknown()).describe("Ids and times: docs/destinations.md"),
    })
    .describe("What is sent, each time byte for byte the same"),
});

export const DELIVERY_ANSWERS = { Delivery, DeliveryDetail } as const;
