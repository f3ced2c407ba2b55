import { waitUntil } from "cloudflare:workers";
import { createInbox } from "../edge/archive/inbox.ts";
import { drainPaused, markResuming } from "../edge/archive/paused.ts";
import { auditStore } from "../edge/control/audit-store.ts";
import { destinationStore } from "../edge/control/destination-store.ts";
import { idempotencyStore } from "../edge/control/idempotency-store.ts";
import { OUTAGE_MS_MAX, tenantKeySets } from "../edge/control/jwks.ts";
import { keyStore } from "../edge/control/key-store.ts";
import { serving } from "../edge/control/serving.ts";
import { keySetCopy } from "../edge/control/published.ts";
import { quotaWatch } from "../edge/control/quota-marks.ts";
import { sourceStore } from "../edge/control/source-store.ts";
import { subscriptionStore } from "../edge/control/subscription-store.ts";
import { tenantStore } from "../edge/control/tenant-store.ts";
import { shardAt } from "../edge/bindings.ts";
import { openLines } from "../edge/d1/open-lines.ts";
import { createApp } from "../edge/http/app.ts";
import { deletionRoutes } from "../edge/http/deletion.ts";
import { type DestinationPorts, destinationRoutes } from "../edge/http/destinations.ts";
import { explainRoutes } from "../edge/http/explain.ts";
import { ingest } from "../edge/http/ingest.ts";
import { signingCertificates } from "../edge/http/signing-certificates.ts";
import { type SubscriptionPorts, subscriptionRoutes } from "../edge/http/subscriptions.ts";
import type { Route } from "../edge/http/route.ts";
import { log } from "../edge/log.ts";
import { shardFor } from "../edge/shards.ts";
import { DESTINATIONS } from "../destinations/index.ts";
import { SENDERS } from "../senders/index.ts";
import { deletionHttpPorts } from "./deletion.ts";
import { wakeChangedDestination } from "./outbound.ts";
import { type Parts, shardOfTenant } from "./parts.ts";

/** Held deliveries that a resume sends before it answers. */
const RESUMED_AT_ONCE_MAX = 200;

// Called as it stands in the global scope: a port would be its `this`, which workerd refuses.
const globalFetch: typeof fetch = (...given) => fetch(...given);

/** Kept no longer than they may be believed. */
const keySetCopies = (kv: KVNamespace) => ({
  get: (tenant: string) => kv.get(keySetCopy(tenant)),
  put: (tenant: string, text: string) =>
    kv.put(keySetCopy(tenant), text, { expirationTtl: OUTAGE_MS_MAX / 1000 }),
});

async function noteUse(
  keys: ReturnType<typeof keyStore>,
  key: { readonly tenant: string; readonly keyId: string },
  atMs: number,
): Promise<void> {
  try {
    await keys.noteUse(key, atMs);
  } catch (error) {
    log("warn", "access.use_not_noted", { tenant: key.tenant, error });
  }
}

/** The HTTP side of an isolate, its ports introduced to what fills them. */
export function createApi(parts: Parts, reads: readonly Route[]) {
  const { env, config, keyring, store, nowMs } = parts;
  const directory = serving(parts.directory);
  const shardOf = shardOfTenant(parts);
  const certificateAt = signingCertificates({ fetch: globalFetch, nowMs, log });
  const keys = keyStore(store);
  const isLocal = config.environment === "local";
  const fetching = { fetch: globalFetch, isLocal, nowMs, log };
  return createApp({
    adminToken: config.adminToken,
    environment: config.environment,
    version: env.VERSION.id,
    rate: env.API_RATE,
    tenantRate: env.TENANT_RATE,
    aside: waitUntil,
    senders: SENDERS,
    directory,
    tenants: tenantStore({
      store,
      keyring,
      shardFor: (jurisdiction) => shardFor(config.intakes, jurisdiction),
      openLines: (tenant, shard) => openLines(shardAt(parts.shards, shard).mirror, tenant),
    }),
    sources: sourceStore({ store, keyring }),
    keys,
    noteUse: (key, atMs) => waitUntil(noteUse(keys, key, atMs)),
    keySets: tenantKeySets({ ...fetching, copies: keySetCopies(env.CONFIG) }),
    idempotency: idempotencyStore({ d1: parts.control, keyring }),
    audit: auditStore(store),
    beforeResume: (place) => markResuming(shardOf(place).archive, place),
    onResume: async (place) => {
      const shard = shardOf(place);
      // Anew: only from now on is it known when the last isolate stops believing in the pause.
      await markResuming(shard.archive, place);
      // The first of them at once; cron sends the rest, and what another isolate still holds.
      await drainPaused({ shard, log }, place, { limit: RESUMED_AT_ONCE_MAX });
    },
    ingest: ingest({
      senders: SENDERS,
      directory,
      inbox: createInbox({ shardOf, log }),
      certificateAt,
      overQuota: quotaWatch({ kv: env.CONFIG, log, nowMs }),
      log,
      nowMs,
    }),
    routes: [
      ...explainRoutes({ senders: SENDERS, directory, certificateAt, nowMs }),
      ...deletionRoutes(deletionHttpPorts(parts)),
      ...destinationRoutes(tellingPorts(parts)),
      ...subscriptionRoutes(tellingPorts(parts)),
      ...reads,
    ],
    log,
    nowMs,
  });
}

/** Who is told of what is a tenant's to say. */
function tellingPorts(parts: Parts): DestinationPorts & SubscriptionPorts {
  const { config, keyring, store, nowMs } = parts;
  return {
    destinations: destinationStore({ store, keyring }),
    subscriptions: subscriptionStore({ store }),
    kinds: DESTINATIONS,
    environment: config.environment,
    wake: (place) => waitUntil(wakeChangedDestination(parts, place)),
    changed: (tenant) => parts.subscriptions.forget(tenant),
    nowMs,
  };
}
