import { InventoryQuery, TicketsQuery } from "../../src/edge/http/records.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";
const list = { status: 200, isList: true, isMirrored: true } as const;
const place = { epoch: 0, rev: "7", occurred_at: AT, recorded_at: AT };

const period = {
  period_id: "2026-07",
  run_id: "RUN-1",
  totals: { USD: 160_000 },
  lines: 400,
  digest: "9f86d081884c7d65",
  ...place,
};

/** Registers that are not a distributor's: the current revision of each. */
export const RECORDS: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/inventory": {
    id: "listInventory",
    tag: "Status",
    summary: "Stock by article and place",
    description:
      "`below` keeps those with fewer pieces on hand; `location=-` those whose sender names no place. A filtered search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.",
    permission: "record:read",
    query: InventoryQuery,
    answer: {
      ...list,
      name: "Stock",
      example: { sku: "SKU-1", location: null, on_hand: 3, low_stock_at: 5, low: true, ...place },
    },
  },
  "GET /v1/tenants/{tenant}/tickets": {
    id: "listTickets",
    tag: "Status",
    summary: "Tickets of the helpdesks, with their first response",
    description:
      "`open=true` leaves out those whose status ends a ticket (closed, solved, resolved, done, …). A filtered search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.",
    permission: "record:read",
    query: TicketsQuery,
    answer: {
      ...list,
      name: "Ticket",
      example: {
        system: "zendesk",
        object_id: "35436",
        distributor_id: "1001",
        status: "pending",
        subject_kind: "payout",
        open: true,
        opened_at: AT,
        first_response_at: AT,
        ...place,
      },
    },
  },
  "GET /v1/tenants/{tenant}/autoships": {
    id: "listAutoships",
    tag: "Status",
    summary: "Recurring orders",
    permission: "record:read",
    answer: {
      ...list,
      name: "Autoship",
      example: { autoship_id: "AS1", next_run: "2026-08-01", status: "active", ...place },
    },
  },
  "GET /v1/tenants/{tenant}/periods": {
    id: "listPeriods",
    tag: "Ledger",
    summary: "Periods that the core has closed",
    permission: "record:read",
    answer: { ...list, name: "ClosedPeriod", example: period },
  },
  "GET /v1/tenants/{tenant}/periods/{period}": {
    id: "getPeriod",
    tag: "Ledger",
    summary: "One closed period",
    permission: "record:read",
    answer: { status: 200, isMirrored: true, name: "ClosedPeriod", example: period },
  },
};
