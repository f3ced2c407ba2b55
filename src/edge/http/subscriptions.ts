import { formatInstant } from "../../core/contracts/instant.ts";
import type { Subscription } from "../../core/outbound/subscription.ts";
import type { Act } from "../act.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { invalidAt, readJson } from "./body.ts";
import { countReached } from "./limits.ts";
import { answerControlOne, answerWholeList } from "./listing.ts";
import { problem } from "./problem.ts";
import { controlBookmark } from "./reader.ts";
import { actOf, type ApiContext, IDENTIFIER, param, type Route } from "./route.ts";
import { contradictionsIn, SubscriptionBody } from "./subscription-body.ts";
import { changedMeanwhile, identifierInvalid } from "./tenants.ts";

interface SubscriptionName {
  readonly tenant: string;
  readonly subscription: string;
}

interface StoredSubscription extends Subscription {
  readonly createdMs: number;
  readonly updatedMs: number;
}

type SubscriptionChange =
  | ({ readonly kind: "created" | "updated"; readonly subscription: StoredSubscription } & Marked)
  | { readonly kind: "destination_unknown" | "raced" }
  | { readonly kind: "full"; readonly limit: number };

type SubscriptionRemoval =
  | ({ readonly kind: "removed" } & Marked)
  | { readonly kind: "missing" }
  | { readonly kind: "raced" };

/** What the routes of subscriptions need to be stored. */
interface Subscriptions {
  read(
    reader: ControlReader,
    subscription: string,
  ): Promise<Reading<StoredSubscription | undefined>>;
  /** By name. */
  list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly StoredSubscription[]>>;
  put(write: SubscriptionName & Subscription, act: Act): Promise<SubscriptionChange>;
  remove(name: SubscriptionName, act: Act): Promise<SubscriptionRemoval>;
}

export interface SubscriptionPorts {
  readonly subscriptions: Subscriptions;
  /** What an isolate knows of a tenant's destinations and subscriptions is no longer so. */
  readonly changed: (tenant: string) => void;
  readonly nowMs: () => number;
}

/** `/v1/tenants/{t}/subscriptions` and what is under it. */
export function subscriptionRoutes(ports: SubscriptionPorts): readonly Route[] {
  const list = "/v1/tenants/:tenant/subscriptions";
  const path = `${list}/:subscription`;
  const write = { permission: "destination:write" } as const;
  const read = { permission: "destination:read" } as const;
  return [
    { ...read, method: "GET", path: list, handle: (c) => listSubscriptions(ports, c) },
    { ...read, method: "GET", path, handle: (c) => getSubscription(ports, c) },
    { ...write, method: "PUT", path, handle: (c) => putSubscription(ports, c) },
    { ...write, method: "DELETE", path, handle: (c) => removeSubscription(ports, c) },
  ];
}

function listSubscriptions({ subscriptions }: SubscriptionPorts, c: ApiContext) {
  return answerWholeList(c, subscriptions, { show, at: placeOf });
}

function getSubscription({ subscriptions }: SubscriptionPorts, c: ApiContext) {
  return answerControlOne(
    c,
    (reader) => subscriptions.read(reader, param(c, "subscription")),
    show,
  );
}

async function putSubscription(ports: SubscriptionPorts, c: ApiContext): Promise<Response> {
  const name = nameOf(c);
  if (!IDENTIFIER.test(name.subscription)) return identifierInvalid("subscription");
  const body = await readJson(c, SubscriptionBody);
  if (!body.ok) return body.refusal;
  const errors = contradictionsIn(body.value);
  if (errors.length > 0) return problem("invalid", { errors });
  const { except_sources: exceptSources, ...said } = body.value;
  const write = { ...name, ...said, ...(exceptSources === undefined ? {} : { exceptSources }) };
  const change = await ports.subscriptions.put(write, actOf(c, ports.nowMs()));
  if (change.kind === "full") return countReached("subscriptions", change.limit);
  if (!("subscription" in change)) {
    return change.kind === "raced" ? changedMeanwhile() : destinationUnknown();
  }
  ports.changed(name.tenant);
  const status = change.kind === "created" ? 201 : 200;
  const headers = controlBookmark(c.get("tenant"), change);
  return Response.json(show(change.subscription), { status, headers });
}

async function removeSubscription(ports: SubscriptionPorts, c: ApiContext): Promise<Response> {
  const name = nameOf(c);
  const removal = await ports.subscriptions.remove(name, actOf(c, ports.nowMs()));
  if (removal.kind === "raced") return changedMeanwhile();
  if (removal.kind === "missing") return problem("not_found");
  ports.changed(name.tenant);
  return new Response(null, { status: 204, headers: controlBookmark(c.get("tenant"), removal) });
}

const destinationUnknown = (): Response =>
  invalidAt("destination", "unknown", "Must be a destination of this tenant");

const nameOf = (c: ApiContext): SubscriptionName => ({
  tenant: param(c, "tenant"),
  subscription: param(c, "subscription"),
});

const placeOf = ({ subscription }: StoredSubscription): string => subscription;

const show = (stored: StoredSubscription) => ({
  subscription: stored.subscription,
  destination: stored.destination,
  types: stored.types,
  sources: stored.sources,
  except_sources: stored.exceptSources,
  created_at: formatInstant(stored.createdMs),
  updated_at: formatInstant(stored.updatedMs),
});
