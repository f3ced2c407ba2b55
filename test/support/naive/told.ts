import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Json } from "#src/core/json.ts";
import type { PlainEvent } from "./event.ts";

type Members = Readonly<Record<string, Json>>;
type Place = Partial<Omit<PlainEvent, "type" | "version" | "data">>;

/** Everybody of the worked examples joined then, unless an example says otherwise. */
export const JOINED_AT = "2026-01-01";

const told = (type: EventType, id: string, data: Members, place: Place): PlainEvent => ({
  id,
  type,
  version: 1,
  occurred_at: "2026-01-01T00:00:00.000Z",
  ...place,
  data,
});

export const enrolled = (distributor_id: string, data: Members = {}, place: Place = {}) =>
  told(
    "distributor.enrolled",
    `enrol-${distributor_id}`,
    { distributor_id, status: "active", joined_at: JOINED_AT, country: "US", ...data },
    place,
  );

export const statusChanged = (
  distributor_id: string,
  { rev, ...data }: { status: string; effective_at: string; rev: number },
  place: Place = {},
) =>
  told(
    "distributor.status_changed",
    `status-${distributor_id}-${rev}`,
    { distributor_id, ...data },
    { rev, ...place },
  );

export const linked = (customer_id: string, enroller_id: string, place: Place = {}) => {
  const { rev = 1 } = place;
  const data = { customer_id, enroller_id, effective_at: JOINED_AT };
  return told("customer.linked", `link-${customer_id}-${rev}`, data, { rev, ...place });
};

/** Seq is of the tenant's one stream of moves. */
export const moved = (
  distributor_id: string,
  data: { tree: "sponsor" | "placement"; parent_id: string; effective_at: string },
  place: Place & { seq: number },
) => told("distributor.moved", `move-${place.seq}`, { distributor_id, ...data }, place);

export const ranked = (distributor_id: string, pay_rank: string, place: Place = {}) => {
  const { rev = 1 } = place;
  const data = {
    distributor_id,
    period_id: "2026-01",
    pay_rank,
    career_rank: pay_rank,
    reason: "volume",
  };
  return told("rank.changed", `rank-${distributor_id}-${rev}`, data, { rev, ...place });
};

export const snapshot = (distributor_id: string, pv_x100: number, place: Place = {}) => {
  const { rev = 1 } = place;
  const data = { distributor_id, period_id: "2026-01", pv_x100, gv_x100: pv_x100, legs: [] };
  return told("volume.snapshot", `volume-${distributor_id}-${rev}`, data, { rev, ...place });
};

export const placed = (order_id: string, data: Members, place: Place = {}) =>
  told("order.placed", `placed-${order_id}`, { order_id, ...data }, place);

export const paid = (payment_id: string, data: Members, place: Place = {}) =>
  told("payment.confirmed", `paid-${payment_id}`, { payment_id, ...data }, place);

export const refunded = (refund_id: string, data: Members, place: Place = {}) =>
  told("refund.completed", `refund-${refund_id}`, { refund_id, ...data }, place);

export const refundFailed = (refund_id: string, data: Members, place: Place = {}) =>
  told("refund.failed", `unrefunded-${refund_id}`, { refund_id, ...data }, place);

export const disputed = (dispute_id: string, data: Members, place: Place = {}) =>
  told("chargeback.opened", `dispute-${dispute_id}`, { dispute_id, ...data }, place);

export const disputeClosed = (dispute_id: string, data: Members, place: Place = {}) =>
  told("chargeback.closed", `closed-${dispute_id}`, { dispute_id, ...data }, place);

/** What the core tells of one distributor: `[type, data]` each, counted from 1. */
export const coreStream = (
  distributor_id: string,
  facts: readonly (readonly [EventType, Members])[],
  place: Place = {},
): PlainEvent[] =>
  facts.map(([type, data], i) =>
    told(
      type,
      `core-${distributor_id}-${i + 1}`,
      { distributor_id, ...data },
      { key: `dist:${distributor_id}`, seq: i + 1, ...place },
    ),
  );
