import type { OutboundPorts } from "./ports.ts";
import { type Desk, type RoundEnd, sendRound } from "./round.ts";

/** An alarm may take 15 minutes; whoever has much to send lets go now and then. */
const ROUNDS_MS_MAX = 60_000;
/** After an outage of ours: D1 back, a setting readable. */
const AGAIN_MS = 30_000;

/** When the object has something to do next, UTC ms, or never; `removed`: it is of no use any more. */
export type RoundsEnd =
  | { readonly kind: "wake"; readonly atMs: number }
  | { readonly kind: "asleep" | "removed" };

/** Rounds until nothing can be sent for now, or for a minute. Never throws: whoever calls it has one alarm. */
export async function sendRounds(ports: OutboundPorts, desk: Desk): Promise<RoundsEnd> {
  const { tenant, destination } = desk.state().place;
  const untilMs = ports.nowMs() + ROUNDS_MS_MAX;
  try {
    let end: RoundEnd;
    do end = await sendRound(ports, desk);
    while (end.kind === "again" && ports.nowMs() < untilMs);
    return await following(ports, desk, end);
  } catch (error) {
    ports.log("error", "outbound_round_failed", { tenant, destination, error });
    return { kind: "wake", atMs: ports.nowMs() + AGAIN_MS };
  }
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
