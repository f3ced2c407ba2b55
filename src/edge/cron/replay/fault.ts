import type { ReplaySkip } from "../../../core/operation/replay.ts";
import type { DeliveryMessage } from "../../message.ts";
import type { FindPorts } from "./ports.ts";

/** The sender of what the gateway fetched itself, whatever sender its source has. */
const FETCHED = "polled";

type FaultPorts = Pick<FindPorts, "hasClaim" | "senderOf" | "isSender">;

/** Why a delivery cannot be played again, if it cannot. */
export async function faultOf(
  { tenant, source, sender, body, unread }: DeliveryMessage,
  ports: FaultPorts,
): Promise<ReplaySkip | undefined> {
  if ("oversized" in body) return "oversized";
  if (unread !== undefined) return "unread";
  if (!ports.isSender(sender)) return "sender_unknown";
  const present = await ports.senderOf(tenant, source);
  if (present === undefined) return "source_gone";
  if (present !== sender && sender !== FETCHED) return "sender_changed";
  return "claim" in body && !(await ports.hasClaim(body.claim)) ? "body_gone" : undefined;
}
