import * as z from "zod";
import { WriteOffBody } from "../../src/edge/http/write-offs.ts";
import type { Operation } from "./operation.ts";
import { Id, Instant } from "./parts.ts";

const Message = z.strictObject({
  key: z.string().describe("One message a key, ever"),
  kind: z.enum(["payment_confirmed", "rank_changed"]),
  subject: z.string(),
  about: z
    .record(z.string(), z.union([z.string(), z.number(), z.null()]))
    .describe("Ids, codes and sums"),
  created_at: Instant,
});

const Money = z.strictObject({
  amount_minor: z
    .union([z.int(), z.string().regex(/^\d+$/)])
    .describe("Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact"),
  currency: z.string().describe("ISO 4217"),
  amount: z.string().describe("The same amount in major units, as text"),
});

const WriteOffDone = z.strictObject({
  id: Id,
  state: z.enum(["done", "refused"]),
  step: z.enum(["receivable", "bad_debt"]),
  moved: Money.describe("Never more than was asked for, and never more than there was"),
  reason: z
    .enum(["not_terminated", "nothing_owed"])
    .nullable()
    .describe("Why nothing was moved: things had changed since it was asked for"),
});

const WriteOff = z.union([
  z.strictObject({
    id: Id,
    state: z.literal("accepted"),
    owed: Money.describe("What there is to write off by this step, before it"),
  }),
  WriteOffDone,
]);

export const LEDGER_ANSWERS = { Message, WriteOff, WriteOffDone } as const satisfies Record<
  string,
  z.ZodType
>;

/** What people are told, and what a person does to the ledger. */
export const LEDGER: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/messages": {
    id: "listMessages",
    tag: "Ledger",
    summary: "What people are to be told, once for each key",
    description:
      "One of each confirmed payment, and one of each revision of a rank that was applied, whether the core told it or a run of ours set it.",
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
      "For distributors who left with a debt. `receivable` moves it out of the payable balance, for collection; `bad_debt` makes a loss of what cannot be collected. Never more than is owed is moved, and the same `id` again changes nothing. 409 where the distributor is not terminated, where there is nothing to write off, or where the `id` named another write-off before; the detail says which.",
    permission: "writeoff:write",
    body: {
      schema: WriteOffBody,
      example: { id: "wo-2026-11", step: "receivable", currency: "USD", amount_minor: 5000 },
    },
    problems: ["conflict"],
    answer: {
      status: 202,
      name: "WriteOff",
      example: {
        id: "wo-2026-11",
        state: "accepted",
        owed: { amount_minor: 5000, currency: "USD", amount: "50.00" },
      },
    },
  },
  "GET /v1/tenants/{tenant}/distributors/{distributor}/write-offs/{writeoff}": {
    id: "getWriteOff",
    tag: "Ledger",
    summary: "What became of a write-off",
    description: "404 until it has been decided, which takes seconds.",
    permission: "ledger:read",
    answer: {
      status: 200,
      name: "WriteOffDone",
      example: {
        id: "wo-2026-11",
        state: "done",
        step: "receivable",
        moved: { amount_minor: 5000, currency: "USD", amount: "50.00" },
        reason: null,
      },
    },
  },
};
