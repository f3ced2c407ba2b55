import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { type Attempt, DELIVERY_STATES, type DeliveryState } from "../../core/outbound/delivery.ts";
import type { Tenant } from "../control/directory.ts";
import type { DeliveriesFound, DeliveryRead, DeliveryRow, DeliverySearch } from "../deliveries.ts";
import type { Marked, Part, Reader, Reading } from "../reading.ts";
import { answerMirrorList, answerMirrorOne } from "./listing.ts";
import { problem } from "./problem.ts";
import { Filter } from "./query.ts";
import { mirrorBookmark } from "./reader.ts";
import { actOf, type ApiContext, param, type RecordDeed, type Route } from "./route.ts";
import { changedMeanwhile } from "./tenants.ts";

interface DeliveryPlace {
  readonly tenant: string;
  readonly shard: number;
  readonly deliveryId: string;
}

/** A delivery as it was decided upon. */
interface Retried {
  readonly state: DeliveryState;
  readonly step: number;
  readonly destination: string;
  /** When that was made, UTC ms. */
  readonly destinationMs: number;
}

export interface DeliveryPorts {
  readonly deliveries: {
    /** Newest first, by our id. */
    search(
      reader: Reader,
      search: DeliverySearch,
      part: Part<string>,
    ): Promise<Reading<DeliveriesFound>>;
    one(reader: Reader, deliveryId: string): Promise<Reading<DeliveryRead | undefined>>;
    /** From the primary: what is decided upon. */
    current(place: DeliveryPlace): Promise<Retried | undefined>;
    /** Whether the destination that it was meant for is still there, and no other one of its name. */
    hasDestination(tenant: string, as: Retried): Promise<boolean>;
    /** Due now, unless it is not as it was any more. */
    retry(
      place: DeliveryPlace,
      as: Retried,
      nowMs: number,
    ): Promise<
      | ({ readonly kind: "pending"; readonly delivery: DeliveryRead } & Marked)
      | { readonly kind: "raced" }
    >;
  };
  /** Has a destination look at what is due; best effort. */
  readonly onRetry: (tenant: Tenant, destination: string) => Promise<void>;
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

export const DeliveriesQuery = z.object({
  state: z
    .enum(DELIVERY_STATES)
    .describe("pending: tried until it is delivered or dead, which only a person changes")
    .exactOptional(),
  destination: Filter.exactOptional(),
  event_id: Filter.exactOptional(),
  type: Filter.exactOptional(),
});

/** `GET …/deliveries`, `GET …/deliveries/{id}`, `POST …/deliveries/{id}/retry` */
export function deliveryRoutes(ports: DeliveryPorts): readonly Route[] {
  const list = "/v1/tenants/:tenant/deliveries";
  const path = `${list}/:delivery`;
  const read = { method: "GET", permission: "delivery:read" } as const;
  return [
    { ...read, path: list, handle: (c) => listDeliveries(ports, c) },
    { ...read, path, handle: (c) => getDelivery(ports, c) },
    {
      method: "POST",
      permission: "delivery:write",
      path: `${path}/retry`,
      handle: (c) => retry(ports, c),
    },
  ];
}

const listDeliveries = ({ deliveries }: DeliveryPorts, c: ApiContext): Promise<Response> =>
  answerMirrorList(c, {
    query: DeliveriesQuery,
    place: z.string(),
    at: ({ deliveryId }: DeliveryRow) => deliveryId,
    read: (reader, search, part) => deliveries.search(reader, search, part),
    show,
  });

const getDelivery = ({ deliveries }: DeliveryPorts, c: ApiContext): Promise<Response> =>
  answerMirrorOne(c, (reader) => deliveries.one(reader, param(c, "delivery")), showWhole);

async function retry(ports: DeliveryPorts, c: ApiContext): Promise<Response> {
  const { deliveries } = ports;
  const tenant = c.get("tenant");
  const place = {
    tenant: tenant.tenant,
    shard: tenant.shard,
    deliveryId: param(c, "delivery"),
  };
  const known = await deliveries.current(place);
  if (known === undefined) return problem("not_found");
  const { destination, state } = known;
  if (!(await deliveries.hasDestination(place.tenant, known))) {
    return problem("conflict", {
      detail: "Its destination is gone: there is nobody to whom it could be sent",
    });
  }
  const nowMs = ports.nowMs();
  // The trail first: nothing is ever sent that nobody can be asked about.
  const deed = {
    action: "delivery.retry",
    target: `delivery:${place.deliveryId}`,
    detail: { state, destination },
  };
  await ports.record({ tenant: place.tenant, ...deed }, actOf(c, nowMs));
  const retried = await deliveries.retry(place, known, nowMs);
  if (retried.kind === "raced") return changedMeanwhile();
  await ports.onRetry(tenant, destination);
  const headers = mirrorBookmark(retried);
  return Response.json(showWhole(retried.delivery), { status: 202, headers });
}

const show = (row: DeliveryRow) => ({
  delivery_id: row.deliveryId,
  destination: row.destination,
  subscription: row.subscription,
  type: row.type,
  ...(row.eventId === null ? {} : { event_id: row.eventId }),
  subject: row.subject,
  state: row.state,
  attempts: row.attempts,
  ...(row.lastAttempt === undefined ? {} : { last_attempt: showAttempt(row.lastAttempt) }),
  ...(row.dueMs === null ? {} : { next_attempt_at: formatInstant(row.dueMs) }),
  created_at: formatInstant(row.createdMs),
  ...(row.endedMs === null ? {} : { ended_at: formatInstant(row.endedMs) }),
});

const showWhole = (row: DeliveryRead) => ({
  ...show(row),
  attempts_made: row.attemptsMade.map(showAttempt),
  body: bodyOf(row),
});

const showAttempt = ({ at_ms, took_ms, status, error }: Attempt) => ({
  at: formatInstant(at_ms),
  took_ms,
  ...(status === undefined ? {} : { status }),
  ...(error === undefined ? {} : { error }),
});

const Body = z.looseObject({
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** What the projection wrote; of what somebody has spoilt by hand what the row says besides. */
function bodyOf({ body, type, createdMs }: DeliveryRead): z.infer<typeof Body> {
  const spoilt = { type, timestamp: formatInstant(createdMs), data: {} };
  try {
    return Body.catch(spoilt).parse(JSON.parse(body));
  } catch {
    return spoilt;
  }
}
