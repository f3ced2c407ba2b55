import { DestinationBody, RotateDestinationBody } from "../../src/edge/http/destination-body.ts";
import { SubscriptionBody } from "../../src/edge/http/subscription-body.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";
const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

const destination = {
  destination: "shop",
  kind: "webhook",
  url: "https://shop.example/hooks/upline",
  auth: { secrets: ["…ZWY="] },
  per_minute: 600,
  concurrency: 4,
  state: "active",
  created_at: AT,
  updated_at: AT,
};

const subscription = {
  subscription: "shop-payments",
  destination: "shop",
  types: ["payment.*", "message.rank_changed"],
  except_sources: ["shop"],
  created_at: AT,
  updated_at: AT,
};

const tag = "Destinations";
const read = { permission: "destination:read", tag } as const;
const write = { permission: "destination:write", tag } as const;
const changed = ["conflict"] as const;
const created = ["conflict", "limit_reached", "parameter_invalid"] as const;

/** Where a tenant is told what was applied, and what of it: docs/destinations.md. */
export const OUTBOUND: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/destinations": {
    ...read,
    id: "listDestinations",
    summary: "Destinations, by name",
    answer: {
      status: 200,
      isMirrored: true,
      isList: true,
      name: "Destination",
      example: destination,
    },
  },
  "GET /v1/tenants/{tenant}/destinations/{destination}": {
    ...read,
    id: "getDestination",
    summary: "A destination",
    answer: { status: 200, isMirrored: true, name: "Destination", example: destination },
  },
  "PUT /v1/tenants/{tenant}/destinations/{destination}": {
    ...write,
    id: "putDestination",
    summary: "Creates or changes a destination (201 where it is new)",
    description:
      "Without `auth` the secrets that there are stay; a new destination is given one, which this answer alone shows, as `secret`. A pause stays. A tenant has at most 50.",
    body: { schema: DestinationBody, example: { url: "https://shop.example/hooks/upline" } },
    answer: {
      status: 200,
      isMirrored: true,
      name: "SavedDestination",
      example: { ...destination, secret: SECRET },
    },
    problems: created,
  },
  "DELETE /v1/tenants/{tenant}/destinations/{destination}": {
    ...write,
    id: "deleteDestination",
    summary: "Removes a destination and its subscriptions",
    description: "What is still to be delivered to it is cancelled, within a minute.",
    answer: { status: 204, isMirrored: true },
    problems: changed,
  },
  "POST /v1/tenants/{tenant}/destinations/{destination}/rotate": {
    ...write,
    id: "rotateDestination",
    summary: "Adds a secret and keeps so many of the older ones",
    description:
      "Each of them signs every attempt. Without `secret` one is made, which this answer alone shows.",
    body: { schema: RotateDestinationBody, example: { keep: 1 } },
    answer: {
      status: 200,
      isMirrored: true,
      name: "SavedDestination",
      example: { ...destination, auth: { secrets: ["…ZWY=", "…M2U="] }, secret: SECRET },
    },
    problems: changed,
  },
  "POST /v1/tenants/{tenant}/destinations/{destination}/pause": {
    ...write,
    id: "pauseDestination",
    summary: "Sends nothing until it is resumed",
    description: "What is told meanwhile waits; after 7 days it is `dead`.",
    answer: {
      status: 200,
      isMirrored: true,
      name: "Destination",
      example: { ...destination, state: "paused", paused_at: AT },
    },
    problems: changed,
  },
  "POST /v1/tenants/{tenant}/destinations/{destination}/resume": {
    ...write,
    id: "resumeDestination",
    summary: "Goes on, and sends what has waited",
    description: "Also of a destination that has answered 410.",
    answer: { status: 200, isMirrored: true, name: "Destination", example: destination },
    problems: changed,
  },
  "GET /v1/tenants/{tenant}/subscriptions": {
    ...read,
    id: "listSubscriptions",
    summary: "Subscriptions, by name",
    answer: {
      status: 200,
      isMirrored: true,
      isList: true,
      name: "Subscription",
      example: subscription,
    },
  },
  "GET /v1/tenants/{tenant}/subscriptions/{subscription}": {
    ...read,
    id: "getSubscription",
    summary: "A subscription",
    answer: { status: 200, isMirrored: true, name: "Subscription", example: subscription },
  },
  "PUT /v1/tenants/{tenant}/subscriptions/{subscription}": {
    ...write,
    id: "putSubscription",
    summary: "Creates or changes a subscription (201 where it is new)",
    description:
      "Holds for what is applied from then on, everywhere within 10 s. `sources` and `except_sources` exclude each other. A tenant has at most 200.",
    body: {
      schema: SubscriptionBody,
      example: { destination: "shop", types: ["payment.*"], except_sources: ["shop"] },
    },
    answer: { status: 200, isMirrored: true, name: "Subscription", example: subscription },
    problems: created,
  },
  "DELETE /v1/tenants/{tenant}/subscriptions/{subscription}": {
    ...write,
    id: "deleteSubscription",
    summary: "Removes a subscription",
    description: "Everywhere within 10 s. What it has had told before is still delivered.",
    answer: { status: 204, isMirrored: true },
    problems: changed,
  },
};
