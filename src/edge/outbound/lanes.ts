import { afterAttempt } from "../../core/outbound/after-attempt.ts";
import { type Breaker, failed, passage, succeeded } from "../../core/outbound/breaker.ts";
import { LAPSE_MS } from "../../core/outbound/pace.ts";
import type { DestinationKind } from "../../destinations/destination.ts";
import type { DeliveryResult, DestinationSettings, DueDelivery, OutboundPorts } from "./ports.ts";
import { sendDelivery, type SentOnce } from "./send.ts";

export type LanePorts = Pick<
  OutboundPorts,
  "fetch" | "isLocal" | "nowMs" | "wait" | "random" | "log"
>;

/** What is to be sent, and when attempts may begin. */
export interface Load {
  readonly kind: DestinationKind;
  readonly settings: DestinationSettings;
  readonly due: readonly DueDelivery[];
  /** UTC ms, ascending. */
  readonly slots: readonly number[];
  readonly breaker: Breaker;
  /** How many attempts are under way at once. */
  readonly lanes: number;
}

/** What has come of it: what was not sent is not among the results. */
export interface Carried {
  readonly results: readonly DeliveryResult[];
  readonly breaker: Breaker;
  /** The destination wants nothing any more. */
  readonly isGone: boolean;
}

/** What the lanes share. */
interface Round {
  readonly slots: number[];
  readonly waiting: DueDelivery[];
  readonly results: DeliveryResult[];
  breaker: Breaker;
  isGone: boolean;
}

/**
 * Sends each delivery at a slot of its own, in several lanes. A slot that no lane was free for lapses:
 * used late, it would be one too many in somebody's minute. Never throws.
 */
export async function sendInLanes(ports: LanePorts, load: Load): Promise<Carried> {
  const { slots, due, breaker, lanes } = load;
  const round: Round = {
    slots: [...slots],
    waiting: [...due],
    results: [],
    breaker,
    isGone: false,
  };
  await Promise.all(Array.from({ length: lanes }, () => runLane(ports, load, round)));
  return round;
}

async function runLane(ports: LanePorts, load: Load, round: Round): Promise<void> {
  for (;;) {
    const slotMs = round.slots.shift();
    if (slotMs === undefined || isOver(round, ports.nowMs())) return;
    await ports.wait(Math.max(0, slotMs - ports.nowMs()));
    if (isOver(round, ports.nowMs())) return;
    if (ports.nowMs() > slotMs + LAPSE_MS) continue;
    const delivery = round.waiting.shift();
    if (delivery === undefined) return;
    const sent = await sendDelivery(ports, { ...load, delivery });
    note(ports, round, { delivery, sent });
  }
}

const isOver = ({ isGone, breaker }: Round, nowMs: number): boolean =>
  isGone || passage(breaker, nowMs).kind === "open";

interface Told {
  readonly delivery: DueDelivery;
  readonly sent: SentOnce;
}

function note({ nowMs, random, log }: LanePorts, round: Round, { delivery, sent }: Told): void {
  const atMs = nowMs();
  const standing = afterAttempt(delivery, sent, { nowMs: atMs, random: random() });
  const { deliveryId, step } = delivery;
  round.results.push({ ...standing, deliveryId, readStep: step });
  if (sent.outcome.kind === "delivered") round.breaker = succeeded();
  if (sent.outcome.kind === "failed") round.breaker = failed(round.breaker, atMs);
  if (sent.outcome.kind === "gone") round.isGone = true;
  if (standing.state === "dead") log("warn", "delivery_dead", { delivery: deliveryId });
}
