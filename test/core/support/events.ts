import { canonicalJson } from "#src/core/canonical.ts";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import type { Json } from "#src/core/json.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { HERE, SAMPLES } from "../contracts/samples.ts";
import { sha256 } from "./memory-store.ts";

/** When the tests' arrivals come in, unless they say otherwise. */
export const NOW_MS = Date.parse("2026-07-25T17:20:00.000Z");

/** Stands for a member of the sample that is taken out. */
export const OUT = "(taken out)";

/** Members of the envelope; `source` is where the delivery comes in by. */
export interface Envelope {
  readonly id?: string;
  readonly source?: string;
  readonly key?: string;
  readonly epoch?: number;
  readonly seq?: number;
  readonly rev?: string | number;
  readonly occurred_at?: string;
}

/** What a sender's envelope becomes, its data the sample's with some members replaced. */
export function event(
  type: EventType,
  envelope: Envelope = {},
  data: Readonly<Record<string, Json>> = {},
): GatewayEvent {
  const { source = HERE.source, ...members } = envelope;
  const sample = SAMPLES[type];
  const given = Object.entries({ ...sample.data, ...data }).filter(([, member]) => member !== OUT);
  const input = { ...sample, ...members, data: Object.fromEntries(given) };
  const result = readEnvelope(input, { tenant: HERE.tenant, source });
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

/** An event as the consumer hands it over. By default its own id names the event, by source. */
export function arrivalOf(
  { data: { pii, ...data }, ...told }: GatewayEvent,
  eventId = `evt_${told.source}_${told.id}`,
): Arrival {
  const { id: _id, source: _source, ...content } = { ...told, data: { ...data, pii: pii ?? null } };
  const profile = pii === undefined ? undefined : { sealed: `sealed ${canonicalJson(pii)}` };
  return {
    eventId,
    event: { ...told, data },
    receivedAtMs: NOW_MS,
    deliveryId: "dlv_1",
    payloadSha256: sha256(canonicalJson(content)),
    ...(profile === undefined ? {} : { profile }),
  };
}

export const arrive = (
  type: EventType,
  envelope?: Envelope,
  data?: Readonly<Record<string, Json>>,
): Arrival => arrivalOf(event(type, envelope, data));

/** The same event delivered once more: another event id of ours, everything else as it was. */
export const again = (arrival: Arrival, nth = 2): Arrival => ({
  ...arrival,
  eventId: `${arrival.eventId}~${nth}`,
});

/** The same content told under another id of the sender's. */
export const retold = (arrival: Arrival, id = `${arrival.event.id}-retold`): Arrival => ({
  ...arrival,
  eventId: `evt_${arrival.event.source}_${id}`,
  event: { ...arrival.event, id },
});
