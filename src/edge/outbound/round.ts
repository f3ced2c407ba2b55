import { givenUp, isTooLate } from "../../core/outbound/after-attempt.ts";
import { type Breaker, passage } from "../../core/outbound/breaker.ts";
import { AHEAD_MS, LAPSE_MS, type Pace, reserve } from "../../core/outbound/pace.ts";
import { allDone, beginInLanes, heldIn, laneFree, type Lanes } from "./lanes.ts";
import {
  type DeliveryResult,
  type DestinationPlace,
  type DestinationSettings,
  type DueDelivery,
  type OutboundPorts,
  resultOf,
} from "./ports.ts";

const CANCELLED_MAX = 500;
/** While nothing can be sent, D1 is asked no more often whether there is anything to give up. */
const LOOK_MS = 60_000;
/** After an outage of ours: D1 back, a setting readable. */
export const AGAIN_MS = 30_000;
/** Slots are reserved no further ahead than this for a storage that is slow to write them. */
const WRITE_MS_MAX = 5000;

/** What an object remembers between its rounds. */
export interface OutboundState {
  readonly place: DestinationPlace;
  readonly pace: Pace;
  readonly breaker: Breaker;
  /** When the first slot is that is not taken, UTC ms. */
  readonly nextSlotMs?: number;
  /** When D1 was last looked at though nothing could be sent, UTC ms: absent since a person's change. */
  readonly lookedMs?: number;
  /** How long slots took to be written last, where one would have lapsed meanwhile. */
  readonly writeMs?: number;
  /** What was sent and D1 did not take: it is saved before anything else is sent. */
  readonly unsaved?: readonly DeliveryResult[];
}

/** Where the state is kept. `state` and `keep` throw where the object has been purged meanwhile. */
export interface Desk {
  readonly state: () => OutboundState;
  readonly keep: (state: OutboundState) => void;
  /** Resolves once what was kept outlasts the object. */
  readonly written: () => Promise<void>;
  /** Another number once a person has changed something, or the object was purged. */
  readonly changes: () => number;
}

/** What rounds share that follow each other without a break. */
export interface Sitting {
  readonly lanes: Lanes;
  /** {@link Desk.changes} as of when the breaker was read, and settings are. */
  changes: number;
}

/**
 * How a round ended. `again`: there may be more to do at once; `until`: nothing can be sent before
 * (UTC ms); `quiet`: nothing is due; `paused`: somebody wakes it; `removed`: there is no such
 * destination, and nothing is pending for it any more.
 */
export type RoundEnd =
  | { readonly kind: "again" | "quiet" | "paused" | "removed" }
  | { readonly kind: "until"; readonly atMs: number };

const AGAIN: RoundEnd = { kind: "again" };

/**
 * Saves what has come of rounds before, and begins what is due, as far as two seconds' slots reach. Slots
 * are written down as taken before anything is sent, so that a reset in the middle sends nothing too fast.
 */
export async function sendRound(
  ports: OutboundPorts,
  desk: Desk,
  sitting: Sitting,
): Promise<RoundEnd> {
  const { lanes } = sitting;
  await laneFree(lanes, ports.nowMs);
  await saveDone(ports, desk, sitting);
  if (desk.changes() !== sitting.changes) startAnew(desk, sitting);
  const state = desk.state();
  const askedMs = ports.nowMs();
  const restMs = restUntil(state, askedMs);
  if (restMs !== undefined && askedMs < (state.lookedMs ?? -Infinity) + LOOK_MS)
    return { kind: "until", atMs: restMs };
  const settings = await ports.settings(state.place);
  if (settings === undefined) return cancel(ports, state.place, askedMs);
  const held = heldIn(lanes);
  const asked = { nowMs: askedMs, limit: pageOf(settings) + held.size };
  const read = await ports.due(state.place, asked);
  const due = read.filter(({ deliveryId }) => !held.has(deliveryId));
  return deal(ports, desk, { sitting, settings, due, askedMs, isAll: read.length < asked.limit });
}

/** A person has changed the destination: what was learnt before that counts no more. */
function startAnew(desk: Desk, sitting: Sitting): void {
  sitting.changes = desk.changes();
  sitting.lanes.breaker = desk.state().breaker;
  sitting.lanes.goneUrl = undefined;
}

/** Until when nothing can be sent, whatever is due. */
function restUntil({ breaker, nextSlotMs = 0 }: OutboundState, nowMs: number): number | undefined {
  const passing = passage(breaker, nowMs);
  if (passing.kind === "open") return passing.untilMs;
  return nextSlotMs >= nowMs + AHEAD_MS ? nextSlotMs : undefined;
}

/**
 * Saves what has come of attempts: what D1 does not take is kept, and nothing more is begun before it
 * has it.
 */
export async function saveDone(ports: OutboundPorts, desk: Desk, sitting: Sitting): Promise<void> {
  const { lanes } = sitting;
  const { place, unsaved = [] } = desk.state();
  const results = [...unsaved, ...lanes.results];
  lanes.results = [];
  keepBreaker(ports, desk, sitting);
  if (results.length > 0) {
    try {
      await ports.save(place, results);
    } catch (error) {
      desk.keep({ ...desk.state(), unsaved: results });
      throw error;
    }
  }
  const { unsaved: saved, ...state } = desk.state();
  if (saved !== undefined) desk.keep(state);
  if (lanes.goneUrl === undefined) return;
  // Those beside it will have heard the same: it is paused once.
  await allDone(lanes);
  if (desk.changes() !== sitting.changes) return;
  ports.log("warn", "destination_gone", { ...place });
  const isPaused = await ports.pauseGone(place, lanes.goneUrl);
  lanes.goneUrl = undefined;
  // Whyever it is not: who said to be gone is not asked again at once.
  if (!isPaused) throw new Error("Cannot pause what is gone: the destination stands otherwise");
}

function keepBreaker({ log }: OutboundPorts, desk: Desk, { lanes, changes }: Sitting): void {
  const state = desk.state();
  const { breaker } = lanes;
  if (desk.changes() !== changes || isSame(breaker, state.breaker)) return;
  const isOpened = breaker.openUntilMs !== undefined && breaker.openMs !== state.breaker.openMs;
  if (isOpened)
    log("warn", "destination_failing", { ...state.place, left_alone_ms: breaker.openMs });
  desk.keep({ ...state, breaker });
}

const isSame = (one: Breaker, other: Breaker): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

async function cancel(
  { cancel: cancelSome }: OutboundPorts,
  place: DestinationPlace,
  nowMs: number,
): Promise<RoundEnd> {
  const cancelled = await cancelSome(place, { nowMs, madeMs: nowMs, limit: CANCELLED_MAX });
  return { kind: cancelled < CANCELLED_MAX ? "removed" : "again" };
}

/** As many as a round's slots can be. */
const pageOf = ({ perMinute, concurrency }: DestinationSettings): number =>
  Math.ceil((perMinute * AHEAD_MS) / 60_000) + concurrency;

interface Looked {
  readonly sitting: Sitting;
  readonly askedMs: number;
  readonly settings: DestinationSettings;
  readonly due: readonly DueDelivery[];
  /** Nothing else is due. */
  readonly isAll: boolean;
}

/** What ends without being sent does so first, whether anything can be sent or not. */
async function deal(ports: OutboundPorts, desk: Desk, looked: Looked): Promise<RoundEnd> {
  const { settings, due, askedMs } = looked;
  const { place } = desk.state();
  const { createdMs } = settings;
  if (due.some(({ destinationMs }) => destinationMs < createdMs)) {
    // All of them together: whatever else is due would wait behind page after page.
    const madeMs = createdMs - 1;
    await ports.cancel(place, { nowMs: ports.nowMs(), madeMs, limit: CANCELLED_MAX });
    return AGAIN;
  }
  // One was made anew since its settings were read: they are read again, and not at once.
  if (due.some(({ destinationMs }) => destinationMs > createdMs))
    return { kind: "until", atMs: askedMs + AHEAD_MS };
  const late = due.filter((delivery) => isTooLate(delivery, askedMs));
  if (late.length > 0) {
    const ended = late.map((delivery) => resultOf(delivery, givenUp(delivery, ports.nowMs())));
    await ports.save(place, ended);
    ports.log("warn", "deliveries_given_up", { ...place, deliveries: late.length });
    return AGAIN;
  }
  if (settings.pausedMs !== undefined) return { kind: "paused" };
  return due.length === 0 ? { kind: "quiet" } : sendDue(ports, desk, looked);
}

async function sendDue(ports: OutboundPorts, desk: Desk, looked: Looked): Promise<RoundEnd> {
  const { settings, due, sitting, isAll } = looked;
  const { lanes, changes } = sitting;
  const { kind: kindName, url, secrets, concurrency } = settings;
  const kind = ports.kinds.get(kindName);
  if (kind === undefined) throw new Error(`Cannot send: no kind is called "${kindName}"`);
  const isStale = (): boolean => desk.changes() !== changes;
  if (isStale()) return AGAIN;
  const { writeMs = 0, ...state } = desk.state();
  const nowMs = ports.nowMs();
  if (secrets === undefined) {
    ports.log("error", "destination_secrets_unreadable", { ...state.place });
    return { kind: "until", atMs: nowMs + AGAIN_MS };
  }
  const passing = passage(lanes.breaker, nowMs);
  if (passing.kind === "open") return rest(desk, looked, passing.untilMs);
  const asked = { nowMs: nowMs + writeMs, wanted: due.length };
  const { slots, pace, nextMs } = reserve(state.pace, settings, asked);
  if (slots.length === 0) return rest(desk, looked, nextMs);
  desk.keep({ ...state, pace, nextSlotMs: nextMs });
  await writtenDown(ports, desk, nowMs);
  lanes.concurrency = concurrency;
  const load = { settings: { url, secrets }, due, kind, slots, isStale };
  const isBegun = await beginInLanes(ports, lanes, load);
  if (isBegun && isAll) await doneOrSoon(ports, lanes);
  return AGAIN;
}

/** Nothing can be sent before: whoever wakes it until then has D1 asked once a minute. */
function rest(desk: Desk, { sitting, askedMs }: Looked, atMs: number): RoundEnd {
  if (desk.changes() !== sitting.changes) return AGAIN;
  desk.keep({ ...desk.state(), lookedMs: askedMs });
  return { kind: "until", atMs };
}

/**
 * Waits until what was kept outlasts the object: the platform would hold each request back until then,
 * behind its slot. Where that takes long, the next slots are taken so much later.
 */
async function writtenDown({ nowMs }: OutboundPorts, desk: Desk, beganMs: number): Promise<void> {
  await desk.written();
  const tookMs = nowMs() - beganMs;
  if (tookMs <= LAPSE_MS) return;
  desk.keep({ ...desk.state(), writeMs: Math.min(tookMs, WRITE_MS_MAX) });
}

/** Waits for what is under way, and no longer than until it is time to look for more. */
export const doneOrSoon = async ({ wait }: OutboundPorts, lanes: Lanes): Promise<void> => {
  if (lanes.underWay.size > 0) await Promise.race([allDone(lanes), wait(AHEAD_MS)]);
};
