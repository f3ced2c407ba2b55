import type { Delivery, Outcome, Reply, Sender } from "../../senders/sender.ts";
import { problem, type ProblemCode, type ProblemParts, PROBLEMS } from "./problem.ts";

/** How long a sender is asked to wait while neither queue nor R2 takes anything; below Zendesk's 60. */
const RETRY_AFTER_S = 30;

/** Who asks, and how it wants to be answered. */
export interface Asked {
  readonly sender: Pick<Sender, "reply">;
  readonly delivery: Delivery;
}

/** A refusal as this sender needs it; ours where it has no wishes. */
export function refuse(
  { sender, delivery }: Asked,
  code: ProblemCode,
  parts: ProblemParts = {},
): Response {
  const { status, title } = PROBLEMS[code];
  const isLate = code === "overloaded";
  const outcome: Outcome = {
    kind: "refused",
    status,
    code,
    title,
    ...(isLate ? { retryAfterS: RETRY_AFTER_S } : {}),
  };
  const reply = sender.reply?.(outcome, delivery);
  if (reply !== undefined) return asResponse(reply);
  const headers = isLate ? { "Retry-After": String(RETRY_AFTER_S) } : {};
  return problem(code, { ...parts, headers: { ...headers, ...parts.headers } });
}

/** The answer to what was taken in. */
export function acknowledge({ sender, delivery }: Asked, usual: () => Response): Response {
  const reply = sender.reply?.({ kind: "taken" }, delivery);
  return reply === undefined ? usual() : asResponse(reply);
}

/** `Content-Length` is set by the platform: no body here is a stream (PROVIDERS 11). */
export const asResponse = ({ status, headers = {}, body }: Reply): Response =>
  new Response(body ?? null, { status, headers: { "Cache-Control": "no-store", ...headers } });
