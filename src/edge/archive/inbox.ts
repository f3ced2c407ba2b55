import type { Tenant } from "../control/directory.ts";
import type { Log } from "../log.ts";
import type { DeliveryMessage, OversizedBody, RejectionMessage } from "../message.ts";
import type { Shard } from "../shards.ts";
import { putClaim } from "./claims.ts";
import { storeOversized } from "./oversized.ts";
import { hold } from "./paused.ts";
import { spill } from "./spill.ts";
import { within } from "../within.ts";

/**
 * Together 4.5 s, as HubSpot and Shopify hang up after 5 s: a claim, a send, its repetition and the
 * spill. A healthy send takes tens of milliseconds.
 */
const CLAIM_MS_MAX = 1000;
const SEND_MS_MAX = 1200;
const SEND_AGAIN_MS_MAX = 800;
const STORE_MS_MAX = 1500;

/** Where a message is now, or that it is nowhere and no 2xx may be given. */
export type Kept = "queued" | "spilled" | "held" | "lost";

/** What makes a delivery durable before its sender is answered. Never throws, never waits for long. */
export interface Inbox {
  /** Sends to the tenant's queue, twice if need be; what the queue refuses is spilled to R2. */
  readonly put: (tenant: Tenant, message: DeliveryMessage | RejectionMessage) => Promise<Kept>;
  /** Holds a message of a paused source. */
  readonly hold: (tenant: Tenant, message: DeliveryMessage) => Promise<Kept>;
  /** Keeps a sealed body that no message can carry. Returns its claim, or nothing if R2 fails. */
  readonly claim: (
    tenant: Tenant,
    deliveryId: string,
    sealed: string,
  ) => Promise<string | undefined>;
  /** Lets a body through to R2 that is too long for memory: as slow as it comes. */
  readonly stream: (
    tenant: Tenant,
    deliveryId: string,
    pieces: AsyncIterable<Uint8Array>,
  ) => Promise<OversizedBody | "too_large" | "lost">;
}

export interface InboxPorts {
  readonly shardOf: (tenant: Tenant) => Pick<Shard, "events" | "archive">;
  readonly log: Log;
}

export function createInbox({ shardOf, log }: InboxPorts): Inbox {
  async function isDone(
    { tenant, step }: { readonly tenant: Tenant; readonly step: string },
    msMax: number,
    work: () => Promise<unknown>,
  ) {
    try {
      await within(msMax, work);
      return true;
    } catch (error) {
      log("error", "inbox_step_failed", { tenant: tenant.tenant, step, error });
      return false;
    }
  }

  return {
    async put(tenant, message) {
      const { events, archive } = shardOf(tenant);
      const send = () => events.send(message);
      // Sent twice it takes effect once: a send given up on may have landed all the same.
      if (await isDone({ tenant, step: "send" }, SEND_MS_MAX, send)) return "queued";
      if (await isDone({ tenant, step: "send_again" }, SEND_AGAIN_MS_MAX, send)) return "queued";
      if (await isDone({ tenant, step: "spill" }, STORE_MS_MAX, () => spill(archive, message)))
        return "spilled";
      return "lost";
    },

    async hold(tenant, message) {
      const { archive } = shardOf(tenant);
      return (await isDone({ tenant, step: "hold" }, STORE_MS_MAX, () => hold(archive, message)))
        ? "held"
        : "lost";
    },

    async claim(tenant, deliveryId, sealed) {
      const { archive } = shardOf(tenant);
      let claim: string | undefined;
      const place = { tenant: tenant.tenant, deliveryId };
      await isDone({ tenant, step: "claim" }, CLAIM_MS_MAX, async () => {
        claim = await putClaim(archive, place, sealed);
      });
      return claim;
    },

    async stream(tenant, deliveryId, pieces) {
      try {
        return await storeOversized(shardOf(tenant).archive, { tenant, deliveryId }, pieces);
      } catch (error) {
        log("error", "inbox_step_failed", { tenant: tenant.tenant, step: "stream", error });
        return "lost";
      }
    },
  };
}
