import type { DemoEvent, SourceName } from "./event.ts";
import { createRandom, type Random } from "./random.ts";

/** One HTTP request to come. */
export interface DemoDelivery {
  readonly source: SourceName;
  readonly id: string;
  readonly body: string;
  readonly isForged: boolean;
  /** The answers it may get: a refused one has to be refused, and for this reason. */
  readonly expects: 202 | 400 | 401 | 422;
}

const BATCHED = 0.2;
const BATCH_MAX = 5;
const REPEATED = 0.1;
const LATE = 0.01;
const BROKEN = 0.005;
const FORGED = 0.005;
/** How many places a delivery is moved at most, and a late one. */
const WINDOW = 40;
const LATE_SHARE = 0.3;

/** Packs events into deliveries and treats them as networks do: shuffled, repeated, late, broken. */
export function packDeliveries(
  events: readonly DemoEvent[],
  seed: number,
): readonly DemoDelivery[] {
  const random = createRandom(seed ^ 0x5e_ed);
  const placed: { readonly place: number; readonly delivery: DemoDelivery }[] = [];
  const batches = batchesOf(events, random);
  for (const [i, batch] of batches.entries()) {
    const delivery = deliveryOf(batch, `msg_${i}`);
    const place = placeOf(i, batches.length, random);
    placed.push({ place, delivery });
    if (random.chance(REPEATED)) {
      // The sender's own retry has its old id, the operator's resend a new one.
      const id = random.chance(0.5) ? delivery.id : `${delivery.id}-again`;
      placed.push({ place: place + random.between(0, WINDOW), delivery: { ...delivery, id } });
    }
    for (const faulty of faultsOf(delivery, random)) placed.push({ place, delivery: faulty });
  }
  return placed.toSorted((a, b) => a.place - b.place).map(({ delivery }) => delivery);
}

function placeOf(i: number, total: number, random: Random): number {
  const place = i + random.between(0, WINDOW);
  return random.chance(LATE) ? place + Math.floor(total * LATE_SHARE) : place;
}

/** Neighbours of one source, as senders batch them. Stripe sends one event a delivery. */
function batchesOf(
  events: readonly DemoEvent[],
  random: Random,
): readonly (readonly DemoEvent[])[] {
  const batches: DemoEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const last = batches.at(-1);
    if (last !== undefined && room > 0 && last[0]?.source === event.source) {
      last.push(event);
      room -= 1;
    } else {
      batches.push([event]);
      const isBatched = event.source !== "shop" && random.chance(BATCHED);
      room = isBatched ? random.between(1, BATCH_MAX - 1) : 0;
    }
  }
  return batches;
}

function deliveryOf(batch: readonly DemoEvent[], id: string): DemoDelivery {
  const [first] = batch;
  if (first === undefined) throw new Error("Cannot deliver an empty batch");
  const payloads = batch.map(({ payload }) => payload);
  const isList = payloads.length > 1 || first.source === "crm";
  const body = JSON.stringify(isList ? payloads : payloads[0]);
  return { source: first.source, id, body, isForged: false, expects: 202 };
}

/** Now and then, beside a good delivery, one like it that has to be refused. */
function faultsOf(delivery: DemoDelivery, random: Random): readonly DemoDelivery[] {
  const id = `${delivery.id}-bad`;
  if (random.chance(FORGED)) return [{ ...delivery, id, isForged: true, expects: 401 }];
  const isOurs = delivery.source === "core" || delivery.source === "bank";
  if (!isOurs || !random.chance(BROKEN)) return [];
  if (random.chance(0.5)) return [{ ...delivery, id, body: `${delivery.body}}`, expects: 400 }];
  return [{ ...delivery, id, body: brokenContract(id), expects: 422 }];
}

/** Money as a float, and no currency. */
const brokenContract = (id: string): string =>
  JSON.stringify({
    id,
    type: "adjustment.posted",
    version: 1,
    occurred_at: "2026-07-01T00:00:00.000Z",
    key: "dist:D00001",
    seq: 1_000_000,
    data: { line_id: id, amount_minor: 0.5, reason_code: "x", effective_at: "2026-07-01" },
  });
