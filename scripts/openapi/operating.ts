import { HeldQuery } from "../../src/edge/http/held.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";
const EVENT_ID = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
const list = { status: 200, isList: true, isMirrored: true } as const;
const one = { status: 200, isMirrored: true } as const;

/** What an operator looks at and does, and the contracts. */
export const OPERATING: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/held": {
    id: "listHeld",
    tag: "Operation",
    summary: "Events that wait for something or somebody, oldest first",
    permission: "held:read",
    query: HeldQuery,
    answer: {
      ...list,
      name: "Held",
      example: {
        id: EVENT_ID,
        state: "quarantined",
        event_id: EVENT_ID,
        source: "core",
        type: "commission.posted",
        key: "dist:1001",
        code: "currency_mismatch",
        reason: "The line is in another currency",
        since: AT,
      },
    },
  },
  "POST /v1/tenants/{tenant}/held/{event}/retry": {
    id: "retryHeld",
    tag: "Operation",
    summary: "Has a held event decided anew",
    description:
      "For quarantined and dead events; `parked`, `buffered` and `conflict` answer 409. The outcome shows in the event itself, soon after.",
    permission: "held:write",
    answer: { status: 202, name: "Retrying", example: { id: EVENT_ID, state: "retrying" } },
    problems: ["conflict"],
  },
  "POST /v1/tenants/{tenant}/held/{event}/discard": {
    id: "discardHeld",
    tag: "Operation",
    summary: "Lets go of a held event",
    description:
      "A `buffered` event answers 409: others wait for it, and only the core's copy or an audited skip closes the gap.",
    permission: "held:write",
    answer: { ...one, name: "Discarded", example: { id: EVENT_ID, state: "discarded" } },
    problems: ["conflict"],
  },
  "GET /v1/tenants/{tenant}/pipeline": {
    id: "getPipeline",
    tag: "Operation",
    summary: "What is under way",
    permission: "pipeline:read",
    answer: {
      ...one,
      name: "Pipeline",
      example: {
        in_flight: 0,
        parked: 0,
        buffered: 2,
        unmirrored: 0,
        oldest_ms: 0,
        idle: true,
      },
    },
  },
  "GET /v1/contracts": {
    id: "listContracts",
    tag: "Public",
    summary: "Types and versions of events",
    permission: "public",
    answer: {
      status: 200,
      isList: true,
      name: "ContractEntry",
      example: {
        type: "commission.posted",
        version: 1,
        ordering: "strict",
        key: "dist:{distributor_id}",
        href: "/v1/contracts/commission.posted/1",
      },
    },
  },
  "GET /v1/contracts/{type}/{version}": {
    id: "getContract",
    tag: "Public",
    summary: "The contract of an event: JSON Schema 2020-12 of the whole envelope",
    permission: "public",
    answer: {
      status: 200,
      media: "application/json",
      example: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: "commission.released",
        "x-ordering": "strict",
        "x-key": "dist:{distributor_id}",
      },
    },
    problems: ["not_found"],
  },
};
