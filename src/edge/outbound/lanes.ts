import { afterAttempt } from "../../core/outbound/after-attempt.ts";
import { type Breaker, failed, passage, succeeded } from "../../core/outbound/breaker.ts";
import { LAPSE_MS } from "../../core/outbound/pace.ts";
import type { DestinationKind } from "../../destinations/destination.ts";
import { type DeliveryResult, type DueDelivery, type OutboundPorts, resultOf } from "./ports.ts";
import { sendDelivery, type Sending, type SentOnce } from "./send.ts";

export type LanePorts = Pick<
  OutboundPorts,
  "fetch" | "isLocal" | "nowMs" | "wait" | "random" | "log"
>;

/** What goes on from one round to the next: what is under way, and what has come of what was. */
export interface Lanes {
  /** By delivery, each until its result is among `results`. */
  readonly underWay: Map<string, Promise<void>>;
  /** Not saved yet. */
  results: readonly DeliveryResult[];
  breaker: Breaker;
  /** The address that has said that it wants nothing any more. */
  goneUrl: string | undefined;
  /** How many attempts may be under way at once. */
  concurrency: number;
}

export const idleLanes = (breaker: Breaker): Lanes => ({
  underWay: new Map(),
  results: [],
  breaker,
  goneUrl: undefined,
  concurrency: 1,
});

/** What is to be sent, and when attempts may begin. */
export interface Load {
  readonly kind: DestinationKind;
  readonly settings: Sending["settings"];
  readonly due: readonly DueDelivery[];
  /** UTC ms, ascending. */
  readonly slots: readonly number[];
  /** Somebody has changed the destination since its settings were read: they are used no more. */
  readonly isStale: () => boolean;
}

/**
 * Begins each delivery at a slot of its own, as soon as one of the lanes is free; those that take long
 * are still under way afterwards. A slot that no lane was free for lapses: used late, it would be one too
 * many in somebody's minute. Answers whether all were begun.
 */
export async function beginInLanes(ports: LanePorts, lanes: Lanes, load: Load): Promise<boolean> {
  const { nowMs, wait } = ports;
  const waiting = [...load.due];
  for (const slotMs of load.slots) {
    while (!isOver(lanes, load, nowMs()) && isFull(lanes, nowMs())) await oneDone(lanes);
    if (!isOver(lanes, load, nowMs())) await wait(Math.max(0, slotMs - nowMs()));
    if (isOver(lanes, load, nowMs())) return false;
    const delivery = nowMs() > slotMs + LAPSE_MS ? undefined : waiting.shift();
    if (delivery !== undefined) begin(ports, lanes, { load, delivery });
  }
  return waiting.length === 0;
}

const isOver = ({ goneUrl, breaker }: Lanes, { isStale }: Load, nowMs: number): boolean =>
  goneUrl !== undefined || isStale() || passage(breaker, nowMs).kind === "open";

/** One alone probes; should it be taken, the others follow it. */
function isFull({ underWay, breaker, concurrency }: Lanes, nowMs: number): boolean {
  const most = passage(breaker, nowMs).kind === "probing" ? 1 : concurrency;
  return underWay.size >= most;
}

/** Waits until a lane is free. */
export async function laneFree(lanes: Lanes, nowMs: () => number): Promise<void> {
  while (isFull(lanes, nowMs())) await oneDone(lanes);
}

const oneDone = ({ underWay }: Lanes): Promise<void> => Promise.race(underWay.values());

/** Waits until nothing is under way. */
export async function allDone({ underWay }: Lanes): Promise<void> {
  await Promise.all(underWay.values());
}

/** What may not be read as due: it is under way, or what has come of it is not saved. */
export const heldIn = ({ underWay, results }: Lanes): ReadonlySet<string> =>
  new Set([...underWay.keys(), ...results.map(({ deliveryId }) => deliveryId)]);

interface Begun {
  readonly load: Load;
  readonly delivery: DueDelivery;
}

function begin(ports: LanePorts, lanes: Lanes, { load, delivery }: Begun): void {
  const { kind, settings } = load;
  const { deliveryId } = delivery;
  const attempt = async (): Promise<void> => {
    try {
      const sent = await sendDelivery(ports, { kind, settings, delivery });
      note(ports, lanes, { load, delivery, sent });
    } catch (error) {
      // A fault of ours: it stays due, and whoever waits for the lanes is not taken along. Not at once, though.
      ports.log("error", "attempt_failed", { delivery: deliveryId, error });
      lanes.breaker = failed(lanes.breaker, ports.nowMs());
    } finally {
      lanes.underWay.delete(deliveryId);
    }
  };
  lanes.underWay.set(deliveryId, attempt());
}

interface Told extends Begun {
  readonly sent: SentOnce;
}

function note({ nowMs, random, log }: LanePorts, lanes: Lanes, told: Told): void {
  const { load, delivery, sent } = told;
  const { deliveryId } = delivery;
  const atMs = nowMs();
  const standing = afterAttempt(delivery, sent, { nowMs: atMs, random: random() });
  lanes.results = [...lanes.results, resultOf(delivery, standing)];
  // What is said at an address that is another one by now says nothing of that one.
  if (!load.isStale()) judge(lanes, told, atMs);
  if (delivery.isSpoilt === true) log("warn", "delivery_attempts_spoilt", { delivery: deliveryId });
  if (standing.state === "dead") log("warn", "delivery_dead", { delivery: deliveryId });
}

function judge(lanes: Lanes, { load, sent: { outcome } }: Told, atMs: number): void {
  if (outcome.kind === "delivered") lanes.breaker = succeeded();
  if (outcome.kind === "failed") lanes.breaker = failed(lanes.breaker, atMs);
  if (outcome.kind === "gone") lanes.goneUrl = load.settings.url;
}
