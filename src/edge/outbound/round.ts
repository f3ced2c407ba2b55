import { givenUp, isTooLate, type Standing } from "../../core/outbound/after-attempt.ts";
import { type Breaker, passage } from "../../core/outbound/breaker.ts";
import { AHEAD_MS, type Pace, reserve } from "../../core/outbound/pace.ts";
import { type Carried, sendInLanes } from "./lanes.ts";
import type {
  DeliveryResult,
  DestinationPlace,
  DestinationSettings,
  DueDelivery,
  OutboundPorts,
} from "./ports.ts";

const CANCELLED_MAX = 500;

/** What an object remembers between its rounds. */
export interface OutboundState {
  readonly place: DestinationPlace;
  readonly pace: Pace;
  readonly breaker: Breaker;
  /** What was sent and D1 did not take: it is saved before anything else is sent. */
  readonly unsaved?: readonly DeliveryResult[];
}

/** Where the state is kept. `keep` throws where the object has been purged meanwhile. */
export interface Desk {
  readonly state: () => OutboundState;
  readonly keep: (state: OutboundState) => void;
}

/**
 * How a round ended. `again`: there may be more to do at once; `until`: nothing can be sent before
 * (UTC ms); `quiet`: nothing is due; `paused`: somebody wakes it; `removed`: there is no such
 * destination, and nothing is pending for it any more.
 */
export type RoundEnd =
  | { readonly kind: "again" | "quiet" | "paused" | "removed" }
  | { readonly kind: "until"; readonly atMs: number };

/**
 * Sends what is due, as far as two seconds' slots reach. Slots are kept as taken before anything is
 * sent, so that a reset in the middle sends nothing too fast; what came of it is saved once.
 */
export async function sendRound(ports: OutboundPorts, desk: Desk): Promise<RoundEnd> {
  await saveUnsaved(ports, desk);
  const { place } = desk.state();
  const askedMs = ports.nowMs();
  const settings = await ports.settings(place);
  if (settings === undefined) return cancel(ports, place, askedMs);
  const due = await ports.due(place, { nowMs: askedMs, limit: pageOf(settings) });
  const late = due.filter((delivery) => isTooLate(delivery, askedMs));
  if (late.length > 0) return giveUp(ports, place, late);
  if (settings.pausedMs !== undefined) return { kind: "paused" };
  return due.length === 0 ? { kind: "quiet" } : sendDue(ports, desk, { settings, due });
}

async function saveUnsaved(ports: OutboundPorts, desk: Desk): Promise<void> {
  const { unsaved = [], ...state } = desk.state();
  if (unsaved.length === 0) return;
  await ports.save(state.place, unsaved);
  desk.keep(state);
}

async function cancel(
  { cancel: cancelSome }: OutboundPorts,
  place: DestinationPlace,
  nowMs: number,
): Promise<RoundEnd> {
  const cancelled = await cancelSome(place, { nowMs, limit: CANCELLED_MAX });
  return { kind: cancelled < CANCELLED_MAX ? "removed" : "again" };
}

async function giveUp(
  { save, nowMs, log }: OutboundPorts,
  place: DestinationPlace,
  late: readonly DueDelivery[],
): Promise<RoundEnd> {
  await save(
    place,
    late.map((delivery) => resultOf(delivery, givenUp(delivery, nowMs()))),
  );
  log("warn", "deliveries_given_up", { ...place, deliveries: late.length });
  return { kind: "again" };
}

const resultOf = ({ deliveryId, step }: DueDelivery, standing: Standing): DeliveryResult => ({
  ...standing,
  deliveryId,
  readStep: step,
});

/** As many as a round's slots can be. */
const pageOf = ({ perMinute, concurrency }: DestinationSettings): number =>
  Math.ceil((perMinute * AHEAD_MS) / 60_000) + concurrency;

interface Due {
  readonly settings: DestinationSettings;
  readonly due: readonly DueDelivery[];
}

async function sendDue(ports: OutboundPorts, desk: Desk, given: Due): Promise<RoundEnd> {
  const { settings, due } = given;
  const kind = ports.kinds.get(settings.kind);
  if (kind === undefined) throw new Error(`Cannot send: no kind is called "${settings.kind}"`);
  const state = desk.state();
  const nowMs = ports.nowMs();
  const passing = passage(state.breaker, nowMs);
  if (passing.kind === "open") return { kind: "until", atMs: passing.untilMs };
  const { slots, pace, nextMs } = reserve(state.pace, settings, { nowMs, wanted: due.length });
  if (slots.length === 0) return { kind: "until", atMs: nextMs };
  desk.keep({ ...state, pace });

  // One alone probes; should it be taken, the others follow it.
  const lanes = passing.kind === "probing" ? 1 : settings.concurrency;
  const load = { settings, due, kind, slots, lanes, breaker: state.breaker };
  const carried = await sendInLanes(ports, load);
  await conclude(ports, desk, { settings, carried });
  return { kind: "again" };
}

/** Keeps what has come of a round: nothing more is sent before D1 has it. */
async function conclude(
  { save, pauseGone, log }: OutboundPorts,
  desk: Desk,
  { settings, carried }: { readonly settings: DestinationSettings; readonly carried: Carried },
): Promise<void> {
  const { results, breaker, isGone } = carried;
  const state = desk.state();
  const { place } = state;
  const isOpened = breaker.openUntilMs !== undefined && breaker.openMs !== state.breaker.openMs;
  if (isOpened) log("warn", "destination_failing", { ...place, left_alone_ms: breaker.openMs });
  try {
    await save(place, results);
  } catch (error) {
    desk.keep({ ...state, breaker, unsaved: results });
    throw error;
  }
  if (JSON.stringify(breaker) !== JSON.stringify(state.breaker))
    desk.keep({ ...desk.state(), breaker });
  if (isGone) {
    log("warn", "destination_gone", { ...place });
    await pauseGone(place, settings.url);
  }
}
