import { AnchorsQuery, LogQuery } from "../../src/edge/http/chains.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";
const EVENT_ID = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const list = { status: 200, isList: true, isMirrored: true } as const;
const chain = { subject: "dist:1001", position: 12, head: HASH, frozen_at: null };

/** The objects' logs, and what they are held against. */
export const CHAINS: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/chains": {
    id: "listChains",
    tag: "Operation",
    summary: "Every object's log, as far as it is mirrored",
    permission: "audit:read",
    answer: { ...list, name: "Chain", example: chain },
  },
  "GET /v1/tenants/{tenant}/chains/{subject}": {
    id: "getLog",
    tag: "Operation",
    summary: "An object's log, from the object itself",
    description:
      "Each hash covers the one before it and the entry's text; the first one covers the entry alone. Ids and digests only: nobody's personal data. Goes on with `after`.",
    permission: "audit:read",
    query: LogQuery,
    answer: {
      status: 200,
      isMirrored: true,
      name: "LogPage",
      example: {
        mirrored: chain,
        order: null,
        manifest: null,
        items: [{ position: 1, hash: HASH, entry: '{"effects":{},"recorded_ms":1782900000000}' }],
        next_after: null,
      },
    },
  },
  "GET /v1/tenants/{tenant}/chains/{subject}/transfers": {
    id: "listLoggedTransfers",
    tag: "Operation",
    summary: "An object's transfers as the mirror has them, oldest first",
    permission: "audit:read",
    answer: {
      ...list,
      name: "LoggedTransfer",
      example: {
        n: 0,
        position: 3,
        rule: "P3",
        debit: "exp:commission",
        credit: "dist:1001:held",
        amount: { amount_minor: 400, currency: "USD", amount: "4.00" },
        reference: "L1",
        event_id: EVENT_ID,
        effective_at: AT,
        recorded_at: AT,
      },
    },
  },
  "GET /v1/tenants/{tenant}/volumes": {
    id: "listVolumes",
    tag: "Operation",
    summary: "Volumes as they were counted, by distributor and period",
    permission: "audit:read",
    answer: {
      ...list,
      name: "CountedVolume",
      example: {
        distributor_id: "1001",
        period_id: "2026-07",
        pv_x100: 20_000,
        cv_x100: 20_000,
        gv_x100: 45_000,
      },
    },
  },
  "GET /v1/tenants/{tenant}/anchors": {
    id: "listAnchors",
    tag: "Operation",
    summary: "Heads of logs as they were found, once a day for each that had moved",
    description:
      "A search of one day may answer with few items, or none, and a `next_cursor`: it goes on from there.",
    permission: "audit:read",
    query: AnchorsQuery,
    answer: {
      ...list,
      name: "Anchor",
      example: { subject: "dist:1001", day: "2026-07-01", position: 12, head: HASH },
    },
  },
};
