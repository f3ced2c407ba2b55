import * as z from "zod";
import { WriteOffBody } from "../../src/edge/http/write-offs.ts";
import type { Operation } from "./operation.ts";
import { Id, Instant } from "./parts.ts";

const Message = z.strictObject({
  key: z.string().describe("One message a key, ever"),
  kind: z.enum(["payment_confirmed"]),
  subject: z.string(),
  about: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).describe("Ids and sums"),
  created_at: Instant,
});

const WriteOff = z.strictObject({ id: Id, state: z.literal("accepted") });

export const LEDGER_ANSWERS = { Message, WriteOff } as const satisfies Record<string, z.ZodType>;

/** What people are told, and what a person does to the ledger. */
export const LEDGER: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/messages": {
    id: "listMessages",
    tag: "Ledger",
    summary: "What people are to be told, once for each key",
    permission: "message:read",
    answer: {
      status: 200,
      isList: true,
      isMirrored: true,
      name: "Message",
      example: {
        key: "msg:payment_confirmed:P1",
        kind: "payment_confirmed",
        subject: "order:O1",
        about: {
          payment_id: "P1",
          order_id: "O1",
          source_node: "1001",
          amount_minor: 27_500,
          currency: "USD",
        },
        created_at: "2026-07-01T10:00:00.000Z",
      },
    },
  },
  "POST /v1/tenants/{tenant}/distributors/{distributor}/write-offs": {
    id: "writeOff",
    tag: "Ledger",
    summary: "Write off what somebody owes",
    description:
      "For distributors who left with a debt. `receivable` moves it out of the payable balance, for collection; `bad_debt` makes a loss of what cannot be collected. Never more than is owed is moved, and the same `id` again changes nothing.",
    permission: "writeoff:write",
    body: {
      schema: WriteOffBody,
      example: { id: "wo-2026-11", step: "receivable", currency: "USD", amount_minor: 5000 },
    },
    answer: { status: 202, name: "WriteOff", example: { id: "wo-2026-11", state: "accepted" } },
  },
};
