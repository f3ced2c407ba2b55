import type { DeliveryRead } from "../../deliveries.ts";
import type { Marked } from "../../reading.ts";
import { readingOf, type MirrorOf } from "../reads/session.ts";
import { readDelivery } from "./reads.ts";

/** Which delivery. */
export interface DeliveryPlace {
  readonly tenant: string;
  readonly shard: number;
  readonly deliveryId: string;
}

/** As it is now, and which bookmark sees that; or not as it was any more. */
export type Retry =
  | ({ readonly kind: "pending"; readonly delivery: DeliveryRead } & Marked)
  | { readonly kind: "raced" };

/**
 * What has ended begins anew, with the first step of its schedule; what waits is due now, and goes on
 * where it was. Attempts stay: they were made. Guarded by what it was decided upon: an object that saves
 * a result meanwhile moves the state or the step.
 */
const RETRY = `UPDATE deliveries SET due_ms = ?5, ended_ms = NULL, state = 'pending',
    step = iif(state = 'pending', step, 0)
  WHERE tenant = ?1 AND delivery_id = ?2 AND state = ?3 AND step = ?4`;

// One that was made anew under its name is another one: what was meant for the former is not for it.
const HAS_DESTINATION =
  "SELECT 1 FROM destinations WHERE tenant = ?1 AND destination = ?2 AND created_ms = ?3";

/** Has deliveries tried again. `control` is where destinations are; both are asked at their primary. */
export const deliveryRetries = (mirrorOf: MirrorOf, control: D1Database) => ({
  async current({ tenant, shard, deliveryId }: DeliveryPlace): Promise<RetryBase | undefined> {
    const session = mirrorOf(shard).withSession("first-primary");
    const row = await session.prepare(BASE).bind(tenant, deliveryId).first<RetryBase>();
    return row ?? undefined;
  },

  async hasDestination(
    tenant: string,
    { destination, destinationMs }: Pick<RetryBase, "destination" | "destinationMs">,
  ): Promise<boolean> {
    const session = control.withSession("first-primary");
    const asked = session.prepare(HAS_DESTINATION).bind(tenant, destination, destinationMs);
    return (await asked.first()) !== null;
  },

  async retry(place: DeliveryPlace, { state, step }: RetryBase, nowMs: number): Promise<Retry> {
    const { tenant, shard, deliveryId } = place;
    const session = mirrorOf(shard).withSession("first-primary");
    const values = [tenant, deliveryId, state, step, nowMs];
    const { meta } = await session
      .prepare(RETRY)
      .bind(...values)
      .run();
    const delivery =
      meta.changes === 0 ? undefined : await readDelivery(session, tenant, deliveryId);
    if (delivery === undefined) return { kind: "raced" };
    const { value: _value, ...mark } = readingOf(session, undefined);
    return { kind: "pending", delivery, ...mark };
  },
});

/** What a retry is decided upon, and guarded by. */
export interface RetryBase {
  readonly state: DeliveryRead["state"];
  readonly step: number;
  readonly destination: string;
  readonly destinationMs: number;
}

const BASE = `SELECT state, step, destination, destination_ms AS destinationMs FROM deliveries
  WHERE tenant = ?1 AND delivery_id = ?2`;
