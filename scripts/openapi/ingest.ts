import * as z from "zod";
import type { Operation } from "./operation.ts";

const EVENT_ID = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";

const envelope = {
  id: "msg_1",
  type: "commission.released",
  version: 1,
  occurred_at: "2026-07-01T10:00:00.000Z",
  key: "dist:1001",
  seq: 2,
  data: { line_id: "L1" },
};

const problems = ["unauthentic", "not_found", "method_not_allowed", "overloaded"] as const;

const delivery = {
  tag: "Ingest",
  permission: "public",
  body: { schema: z.unknown().describe("As the source's sender posts"), example: envelope },
  answer: {
    status: 202,
    name: "Accepted",
    example: { accepted: [{ id: "msg_1", event_id: EVENT_ID }], quarantined: [] },
  },
  problems: [
    ...problems,
    "malformed",
    "contract_violated",
    "too_large",
    "headers_too_many",
    "unsupported_media_type",
    "quota_exceeded",
  ],
} as const satisfies Partial<Operation>;

/** What senders call. */
export const INGEST: Readonly<Record<string, Operation>> = {
  "POST /in/{tenant}/{source}": {
    ...delivery,
    id: "ingest",
    summary: "Takes a delivery",
    description:
      "Signed as the source's sender signs; no API key. A sender of our own contract posts one envelope of `/v1/contracts` or an array of them. 202 means that nothing of it can be lost any more. Every failure of authentication looks the same. Products that expect another answer than this one get theirs: docs/senders.",
  },
  "POST /in/{tenant}/{source}/{token}": {
    ...delivery,
    id: "ingestByToken",
    summary: "Takes a delivery whose proof stands in the address",
    description:
      "For products that can send a secret nowhere else. Otherwise as without the token.",
  },
  "GET /in/{tenant}/{source}": {
    tag: "Ingest",
    permission: "public",
    id: "greet",
    summary: "Answers a product that first asks whether the address is right",
    description:
      "Echoes what the product wants echoed, where its sender knows of such a greeting (docs/senders); 405 for all others.",
    answer: { status: 200, media: "text/plain", example: "challenge-1f3a" },
    problems,
  },
};
