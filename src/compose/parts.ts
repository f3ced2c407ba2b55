import { type Config, readConfig } from "../config.ts";
import { shardAt, shardsOf } from "../edge/bindings.ts";
import { type CachedDirectory, cachedDirectory } from "../edge/control/cached-directory.ts";
import { createStore, primaryRecords, type Store } from "../edge/control/store.ts";
import type { Tenant } from "../edge/control/directory.ts";
import {
  type KnownSubscriptions,
  knownSubscriptions,
} from "../edge/control/known-subscriptions.ts";
import { createKeyring, type Keyring } from "../edge/crypto/keyring.ts";
import { log } from "../edge/log.ts";
import type { SubjectObject } from "../edge/objects/subject-object.ts";
import { CONTROL_SHARD, type Shard } from "../edge/shards.ts";
import type { ObjectKind } from "../edge/subject.ts";

/** What every handler of an isolate shares: made once, as its memory is the first cache. */
export interface Parts {
  readonly env: Cloudflare.Env;
  readonly config: Config;
  readonly shards: readonly Shard[];
  readonly control: D1Database;
  readonly keyring: Keyring;
  readonly directory: CachedDirectory;
  readonly store: Store;
  /** What destinations want to be told: whoever changes that has it forgotten. */
  readonly subscriptions: KnownSubscriptions;
  readonly nowMs: () => number;
  /** Messages that this isolate is working on: the queue's backlog leaves them out. */
  readonly consuming: { messages: number };
}

const nowMs = (): number => Date.now();

export function createParts(env: Cloudflare.Env): Parts {
  const config = readConfig(env);
  const shards = shardsOf(env);
  const control = shardAt(shards, CONTROL_SHARD).mirror;
  const keyring = createKeyring(config.masterKeys);
  const primary = primaryRecords(control);
  const directory = cachedDirectory({ kv: env.CONFIG, primary, keyring, log, nowMs });
  const store = createStore({ d1: control, kv: env.CONFIG, changed: directory.changed, log });
  const subscriptions = knownSubscriptions({ control, log, nowMs });
  const consuming = { messages: 0 };
  const kept = { env, config, shards, control, keyring, directory, store, subscriptions };
  return { ...kept, nowMs, consuming };
}

export const shardOfTenant =
  ({ shards }: Parts) =>
  ({ shard }: Pick<Tenant, "shard">): Shard =>
    shardAt(shards, shard);

/** The object of a subject, in the tenant's jurisdiction: the same name elsewhere is another object. */
export async function subjectStub(
  parts: Parts,
  object: ObjectKind,
  place: { readonly tenant: string; readonly subject: string },
) {
  const tenant = await parts.directory.tenant(place.tenant);
  if (tenant === undefined) throw new Error(`Cannot find tenant "${place.tenant}"`);
  return stubIn(parts, object, { ...tenant, subject: place.subject });
}

/** {@link subjectStub} of whoever's shard and jurisdiction are known. */
export function stubIn(
  { env, config }: Pick<Parts, "env" | "config">,
  object: ObjectKind,
  place: Pick<Tenant, "tenant" | "shard" | "jurisdiction"> & { readonly subject: string },
) {
  const within = <Kind extends SubjectObject>(
    namespace: DurableObjectNamespace<Kind>,
    name: string,
  ) => namespaceIn(config, namespace, place).getByName(name);
  switch (object) {
    case "distributor":
      return within(env.DISTRIBUTOR, `${place.tenant}/${place.subject.slice("dist:".length)}`);
    case "order":
      return within(env.ORDER, `${place.tenant}/${place.subject.slice("order:".length)}`);
    case "tree":
      return within(env.TREE, place.tenant);
    case "record":
      return within(env.RECORD, `${place.tenant}/${place.subject}`);
  }
}

/** The object of a destination, in its tenant's jurisdiction. */
export const destinationStubIn = (
  { env, config }: Pick<Parts, "env" | "config">,
  place: Pick<Tenant, "tenant" | "shard" | "jurisdiction"> & { readonly destination: string },
) => namespaceIn(config, env.DESTINATION, place).getByName(`${place.tenant}/${place.destination}`);

function namespaceIn<Kind extends Rpc.DurableObjectBranded>(
  config: Config,
  namespace: DurableObjectNamespace<Kind>,
  place: Pick<Tenant, "shard" | "jurisdiction">,
): DurableObjectNamespace<Kind> {
  // A shard that takes everybody is a local one: its runtime knows no jurisdictions.
  const isLocal = config.intakes[place.shard] === "*";
  const jurisdiction = isLocal ? undefined : place.jurisdiction;
  return jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
}
