import { EventsQuery } from "../../src/edge/http/events.ts";
import { BalancesQuery, TransfersQuery } from "../../src/edge/http/ledger.ts";
import { LinesQuery, OrderLinesQuery } from "../../src/edge/http/lines.ts";
import { StatusQuery } from "../../src/edge/http/distributors.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";
const EVENT_ID = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
const usd = (amount_minor: number, amount: string) => ({ amount_minor, currency: "USD", amount });
const list = { status: 200, isList: true, isMirrored: true } as const;
const one = { status: 200, isMirrored: true } as const;

const transfer = {
  position: 3,
  rule: "P3",
  debit: "exp:commission",
  credit: "dist:1001:held",
  amount: usd(400, "4.00"),
  reference: "L1",
  event_id: EVENT_ID,
  effective_at: AT,
  recorded_at: AT,
};

const line = {
  line_id: "O1:unilevel:1:1001",
  distributor_id: "1001",
  order_id: "O1",
  component: "unilevel",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  state: "held",
  period_id: "2026-07",
  effective_at: AT,
};

const event = {
  event_id: EVENT_ID,
  id: "msg_1",
  source: "core",
  type: "commission.posted",
  key: "dist:1001",
  outcome: "applied",
  code: null,
  of: null,
  errors: [],
  position: 3,
  occurred_at: AT,
  received_at: AT,
  recorded_at: AT,
  archive: { object: "tenant=acme/date=2026-07-01/hour=10/1.ndjson", delivery_id: "dlv_1" },
};

/** Status, ledger and events. */
export const READS: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/distributors/{distributor}": {
    id: "getDistributor",
    tag: "Status",
    summary: "Live status of a distributor",
    description:
      "From the mirror, within seconds of the last event. `consistency=strong` asks the distributor's own object; so does a read that the mirror does not answer within 2 s. Balances are what the distributor is owed, above zero; `available` below zero means the distributor owes.",
    permission: "status:read",
    query: StatusQuery,
    answer: {
      ...one,
      name: "DistributorStatus",
      example: {
        distributor_id: "1001",
        name: "A. K.",
        status: "active",
        country: "DE",
        sponsor_id: "1000",
        placement_id: "1000",
        leg: "L",
        joined_at: AT,
        ranks: {
          pay_rank: "gold",
          career_rank: "ruby",
          period_id: "2026-07",
          rev: "7",
          source: "core",
        },
        volumes: {
          period_id: "2026-07",
          pv_x100: 12_000,
          gv_x100: 90_000,
          legs: [],
          rev: "3",
          source: "core",
        },
        balances: {
          USD: {
            pending: usd(0, "0.00"),
            held: usd(400, "4.00"),
            available: usd(-250, "-2.50"),
            in_transit: usd(0, "0.00"),
          },
        },
        frontline: 3,
        position: 12,
        as_of: AT,
      },
    },
  },
  "GET /v1/tenants/{tenant}/distributors/{distributor}/ledger": {
    id: "listTransfers",
    tag: "Ledger",
    summary: "Transfers of a distributor, newest first",
    permission: "ledger:read",
    query: TransfersQuery,
    answer: { ...list, name: "Transfer", example: transfer },
  },
  "GET /v1/tenants/{tenant}/distributors/{distributor}/lines": {
    id: "listLines",
    tag: "Ledger",
    summary: "Commission lines of a distributor",
    permission: "line:read",
    query: LinesQuery,
    answer: { ...list, name: "Line", example: line },
  },
  "GET /v1/tenants/{tenant}/lines": {
    id: "listOrderLines",
    tag: "Ledger",
    summary: "Commission lines of an order",
    permission: "line:read",
    query: OrderLinesQuery,
    answer: { ...list, name: "Line", example: line },
  },
  "GET /v1/tenants/{tenant}/ledger/balances": {
    id: "getBalances",
    tag: "Ledger",
    summary: "Balances of the tenant's accounts",
    description:
      "Current balances of the accounts that begin with `prefix`: debit above zero, zero balances left out. `as_of` looks at what had happened by then, `known_at` at what was recorded by then: instants, or dates, which mean the end of that day in UTC. Ends of days read few rows; an instant amid a day reads all transfers of the tenant, or of the distributors that a `dist:` prefix names. Exact, also beyond 2^63 minor units, as long as what one account moves in one day stays below that.",
    permission: "ledger:read",
    query: BalancesQuery,
    answer: {
      ...one,
      name: "Balances",
      example: { balances: { USD: { "cash:psp": 26_672, "dist:1001:held": -400 } } },
    },
  },
  "GET /v1/tenants/{tenant}/events": {
    id: "searchEvents",
    tag: "Events",
    summary: "Events, newest first",
    description:
      "Newest first. `source` and `id` together list all that came under the sender's own id: the event that took effect first, then those that repeat or contradict it in the order of arrival. A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.",
    permission: "event:read",
    query: EventsQuery,
    answer: { ...list, name: "Event", example: event },
  },
  "GET /v1/tenants/{tenant}/events/{event}": {
    id: "getEvent",
    tag: "Events",
    summary: "One event with its archive copy and effects",
    permission: "event:read",
    answer: {
      ...one,
      name: "EventDetail",
      example: { ...event, effects: { transfers: [transfer] } },
    },
  },
};
