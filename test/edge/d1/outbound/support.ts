import { env } from "cloudflare:workers";
import type { KnownSubscription } from "#src/core/outbound/wants.ts";
import type { Entry, LoggedEvent } from "#src/core/subject/entry.ts";
import type { MirrorTail } from "#src/edge/mirror.ts";

export const newTenant = (): string => `t${crypto.randomUUID()}`;

let n = 0;

/** An applied event that was recorded then. */
export function applied(recordedMs: number, more: Partial<LoggedEvent> = {}): Entry {
  n += 1;
  const event: LoggedEvent = {
    event_id: `evt_${String(n).padStart(8, "0")}`,
    id: `e${n}`,
    source: "core",
    type: "payment.confirmed",
    key: "order:O1",
    epoch: 0,
    occurred_ms: recordedMs - 2000,
    received_ms: recordedMs - 1000,
    payload_sha256: "9f",
    delivery_id: "dlv_1",
    ...more,
  };
  return { recorded_ms: recordedMs, event, outcome: "applied", effects: {} };
}

/** A log's rows behind a position, whose hashes nobody checks but the fence. */
export const tailOf = (
  tenant: string,
  subject: string,
  entries: readonly Entry[],
  from = 0,
): MirrorTail => ({
  tenant,
  subject,
  base: { position: from, head: from === 0 ? "" : `${subject}#${from}` },
  rows: entries.map((entry, i) => ({
    position: from + i + 1,
    hash: `${subject}#${from + i + 1}`,
    entry: JSON.stringify(entry),
  })),
});

export const subscriptionTo = (
  destination: string,
  more: Partial<KnownSubscription> = {},
): KnownSubscription => ({
  subscription: `to-${destination}`,
  destination,
  types: ["*"],
  sinceMs: 0,
  destinationMs: 7,
  ...more,
});

export type DeliveryRow = Readonly<Record<string, string | number | null>>;

export async function deliveriesOf(tenant: string): Promise<readonly DeliveryRow[]> {
  const { results } = await env.MIRROR_0.prepare(
    "SELECT * FROM deliveries WHERE tenant = ? ORDER BY delivery_id, destination",
  )
    .bind(tenant)
    .all<DeliveryRow>();
  return results;
}

/** A row as it stands after it was laid, but for what is told here. */
export async function putDelivery(
  tenant: string,
  deliveryId: string,
  more: DeliveryRow = {},
): Promise<void> {
  const row: DeliveryRow = {
    tenant,
    delivery_id: deliveryId,
    destination: "crm",
    subscription: "all",
    event_id: null,
    type: "payment.confirmed",
    subject: "order:O1",
    state: "pending",
    body: JSON.stringify({
      type: "payment.confirmed",
      timestamp: "2026-07-01T10:00:00.000Z",
      data: {},
    }),
    step: 0,
    due_ms: 0,
    attempts: "[]",
    created_ms: 0,
    ended_ms: null,
    ...more,
  };
  // Of the destination that has the name now, unless it says otherwise.
  const made = "SELECT created_ms FROM destinations WHERE tenant = ? AND destination = ?";
  const destinationMs = await env.MIRROR_0.prepare(made)
    .bind(tenant, row["destination"] ?? null)
    .first<number>("created_ms");
  const whole: DeliveryRow = { destination_ms: destinationMs ?? 0, ...row };
  const names = Object.keys(whole);
  await env.MIRROR_0.prepare(
    `INSERT INTO deliveries (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
  )
    .bind(...Object.values(whole))
    .run();
}

/** Ids in the order of `at`. */
export const idAt = (at: number): string =>
  `out_00000000-0000-7000-8000-${String(at).padStart(12, "0")}`;
