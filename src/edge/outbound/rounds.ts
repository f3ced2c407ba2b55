import { allDone, idleLanes } from "./lanes.ts";
import type { OutboundPorts } from "./ports.ts";
import {
  AGAIN_MS,
  type Desk,
  doneOrSoon,
  type RoundEnd,
  saveDone,
  sendRound,
  type Sitting,
} from "./round.ts";

/** An alarm may take 15 minutes; whoever has much to send lets go now and then. */
const ROUNDS_MS_MAX = 60_000;

/** When the object has something to do next, UTC ms, or never; `removed`: it is of no use any more. */
export type RoundsEnd =
  | { readonly kind: "wake"; readonly atMs: number }
  | { readonly kind: "asleep" | "removed" };

/**
 * Rounds until nothing can be sent for now, or for a minute, and until nothing is under way. Never
 * throws: whoever calls it has one alarm.
 */
export async function sendRounds(ports: OutboundPorts, desk: Desk): Promise<RoundsEnd> {
  const { place, breaker } = desk.state();
  const { tenant, destination } = place;
  const sitting = { lanes: idleLanes(breaker), changes: desk.changes() };
  try {
    const end = await roundsOf(ports, desk, sitting);
    await allDone(sitting.lanes);
    await saveDone(ports, desk, sitting);
    return await following(ports, desk, end);
  } catch (error) {
    ports.log("error", "outbound_round_failed", { tenant, destination, error });
    await saveRest(ports, desk, sitting);
    return { kind: "wake", atMs: ports.nowMs() + AGAIN_MS };
  }
}

async function roundsOf(ports: OutboundPorts, desk: Desk, sitting: Sitting): Promise<RoundEnd> {
  const untilMs = ports.nowMs() + ROUNDS_MS_MAX;
  for (;;) {
    const end = await sendRound(ports, desk, sitting);
    const isIdle = end.kind !== "again" && sitting.lanes.underWay.size === 0;
    if (isIdle || ports.nowMs() >= untilMs) return end;
    if (end.kind !== "again") await doneOrSoon(ports, sitting.lanes);
  }
}

/** After a failure: what was under way then was sent all the same. */
async function saveRest(ports: OutboundPorts, desk: Desk, sitting: Sitting): Promise<void> {
  const { lanes } = sitting;
  await allDone(lanes);
  if (lanes.results.length === 0) return;
  // What it cannot save it keeps; and what fails here has been told of.
  await saveDone(ports, desk, sitting).catch(() => undefined);
}

async function following(ports: OutboundPorts, desk: Desk, end: RoundEnd): Promise<RoundsEnd> {
  switch (end.kind) {
    case "again":
      return { kind: "wake", atMs: ports.nowMs() };
    case "until":
      return { kind: "wake", atMs: end.atMs };
    case "quiet": {
      const atMs = await ports.nextDueMs(desk.state().place);
      return atMs === undefined ? { kind: "asleep" } : { kind: "wake", atMs };
    }
    case "paused":
      return { kind: "asleep" };
    case "removed":
      return { kind: "removed" };
  }
}
