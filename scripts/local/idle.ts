import { type GatewayClient, member, pause } from "./client.ts";

const POLL_MS = 100;
/** A message between the broker and its consumer is in nobody's count: one look is not enough. */
const LOOKS_MIN = 2;

/**
 * Waits until nothing is under way in any of these tenants; false where that took too long, or
 * where the gateway does not say.
 */
export async function waitUntilIdle(
  client: GatewayClient,
  tenants: readonly string[],
  timeoutMs: number,
): Promise<boolean> {
  const untilMs = performance.now() + timeoutMs;
  let looks = 0;
  while (performance.now() < untilMs) {
    const isIdle = await areIdle(client, tenants);
    if (isIdle === undefined) return false;
    looks = isIdle ? looks + 1 : 0;
    if (looks >= LOOKS_MIN) return true;
    await pause(POLL_MS);
  }
  return false;
}

async function areIdle(
  client: GatewayClient,
  tenants: readonly string[],
): Promise<boolean | undefined> {
  for (const tenant of tenants) {
    const { status, body } = await client.call(`GET /v1/tenants/${tenant}/pipeline`);
    if (status !== 200) return undefined;
    if (member(body, "idle") !== true) return false;
  }
  return true;
}
