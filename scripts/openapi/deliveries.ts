import { DeliveriesQuery } from "../../src/edge/http/deliveries.ts";
import type { Operation } from "./operation.ts";

const EVENT = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";

const delivery = {
  delivery_id: "out_0198c5a0-3fe8-7a1b-8c2d-3e4f5a6b7c8d",
  destination: "shop",
  subscription: "shop-payments",
  type: "payment.confirmed",
  event_id: EVENT,
  subject: "order:O-77",
  state: "dead",
  attempts: 10,
  last_attempt: {
    at: "2026-07-04T14:02:11.000Z",
    took_ms: 204,
    status: 500,
    error: "The answer has status 500",
  },
  created_at: "2026-07-01T10:00:01.000Z",
  ended_at: "2026-07-04T14:02:11.204Z",
};

const { ended_at: _ended, ...pending } = delivery;

const detail = {
  attempts_made: [delivery.last_attempt],
  body: {
    type: "payment.confirmed",
    timestamp: "2026-07-01T10:00:00.000Z",
    data: {
      event_id: EVENT,
      id: "pay-77",
      source: "core",
      subject: "order:O-77",
      position: 2,
      occurred_at: "2026-07-01T10:00:00.000Z",
      received_at: "2026-07-01T10:00:00.500Z",
      recorded_at: "2026-07-01T10:00:01.000Z",
    },
  },
};

/** What is sent to destinations, and how that goes. */
export const DELIVERIES: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/deliveries": {
    id: "listDeliveries",
    tag: "Destinations",
    summary: "What is sent to destinations, newest first",
    description:
      "A search looks at 5000 deliveries at most, then answers with what it found and where to go on; of those that are `dead` alone, where `state` asks for them.",
    permission: "delivery:read",
    query: DeliveriesQuery,
    answer: { status: 200, isList: true, isMirrored: true, name: "Delivery", example: delivery },
  },
  "GET /v1/tenants/{tenant}/deliveries/{delivery}": {
    id: "getDelivery",
    tag: "Destinations",
    summary: "One delivery with its attempts and what is sent",
    permission: "delivery:read",
    answer: {
      status: 200,
      isMirrored: true,
      name: "DeliveryDetail",
      example: { ...delivery, ...detail },
    },
  },
  "POST /v1/tenants/{tenant}/deliveries/{delivery}/retry": {
    id: "retryDelivery",
    tag: "Destinations",
    summary: "Has a delivery tried again",
    description:
      "One that is dead, cancelled or delivered begins its schedule anew, under the same id; one that is pending goes on with it at once. A destination that is paused, or left alone for a while after many failures, is sent nothing all the same. 409 where its destination is gone, also if another one has its name by now.",
    permission: "delivery:write",
    answer: {
      status: 202,
      isMirrored: true,
      name: "DeliveryDetail",
      example: {
        ...pending,
        state: "pending",
        next_attempt_at: "2026-07-05T08:00:00.000Z",
        ...detail,
      },
    },
    problems: ["conflict"],
  },
};
