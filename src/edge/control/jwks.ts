import { createLocalJWKSet, type JWTVerifyGetKey } from "jose";
import * as z from "zod";
import { faultOfKey } from "../../jwt/public-key.ts";
import { download } from "../download.ts";
import type { Log } from "../log.ts";
import { JWKS_KEYS_MAX, type TenantJwt } from "../tenant-access.ts";
import { isPublicHost } from "../web-address.ts";
import { hashOf } from "./hash.ts";

/** How long a key that its owner has taken back can still be believed while the set can be had. */
export const FRESH_MS = 600_000;
/** And how long while it cannot: after that nobody comes in by a token. */
export const OUTAGE_MS_MAX = 86_400_000;
/** Of one tenant's set, whatever asks for it: whoever makes up key ids gets no further. */
export const REFETCH_MS_MIN = 30_000;

const TENANTS_MAX = 500;
const LIMITS = { msMax: 3000, bytesMax: 64 * 1024 };
/** A fetch that was begun so long ago was cut off together with its request. */
const UNDER_WAY_MS_MAX = LIMITS.msMax + 1000;
/** How often somebody who waits for another's fetch looks whether it has come. */
const LOOK_MS = 25;

/** Keys that a tenant's tokens are judged by. */
export interface KeySet {
  readonly size: number;
  readonly kids: ReadonlySet<string>;
  readonly keyFor: JWTVerifyGetKey;
}

/** Where a tenant says that its keys are, or its keys. */
export interface Asked {
  readonly tenant: string;
  readonly jwt: Pick<TenantJwt, "jwks" | "jwks_url">;
  /** Of the token: a set that lacks it may have been rotated. */
  readonly kid: string | undefined;
}

/** The keys of a tenant's tokens; nothing where none are to be had. */
export type KeySets = (asked: Asked) => Promise<KeySet | undefined>;

export interface KeySetPorts {
  readonly fetch: typeof fetch;
  /** Only a deployment on one's own machine may ask its own machine and network. */
  readonly isLocal: boolean;
  readonly nowMs: () => number;
  readonly log: Log;
  /** The last set that could be had, for servers that begin while it cannot: JSON text by tenant. */
  readonly copies: {
    readonly get: (tenant: string) => Promise<string | null>;
    readonly put: (tenant: string, text: string) => Promise<void>;
  };
}

interface Kept {
  readonly url: string;
  set?: KeySet;
  fetchedMs: number;
  triedMs: number;
  isUnderWay: boolean;
  /** When this server last left a copy, and of which text. */
  copiedMs: number;
  copiedHash?: string;
}

/**
 * Key sets of tenants, in the isolate's memory, and a copy for isolates to come. A set is asked for again when it is old or lacks the
 * key that a token names, by one request at a time, and no sooner than 30 s after the last attempt.
 * While it cannot be had, the keys of before serve for a day, and no others.
 */
export function tenantKeySets(ports: KeySetPorts): KeySets {
  const { nowMs } = ports;
  const kept = new Map<string, Kept>();
  const given = new WeakMap<object, KeySet>();

  function inline(jwks: NonNullable<TenantJwt["jwks"]>): KeySet | undefined {
    const known = given.get(jwks) ?? keySetOf(jwks.keys);
    if (known !== undefined) given.set(jwks, known);
    return known;
  }

  function keptOf(tenant: string, url: string): Kept {
    const known = kept.get(tenant);
    kept.delete(tenant);
    const one =
      known?.url === url
        ? known
        : { url, fetchedMs: -Infinity, triedMs: -Infinity, isUnderWay: false, copiedMs: -Infinity };
    kept.set(tenant, one);
    const [oldest] = kept.keys();
    if (kept.size > TENANTS_MAX && oldest !== undefined) kept.delete(oldest);
    return one;
  }

  return async ({ tenant, jwt: { jwks, jwks_url: url }, kid }) => {
    if (jwks !== undefined) return inline(jwks);
    if (url === undefined) return undefined;
    const one = keptOf(tenant, url);
    const isKnown = one.set !== undefined && (kid === undefined || one.set.kids.has(kid));
    const isFresh = nowMs() - one.fetchedMs < FRESH_MS;
    if (!(isKnown && isFresh)) await refresh(ports, one, { tenant, isKnown });
    return nowMs() - one.fetchedMs < OUTAGE_MS_MAX ? one.set : undefined;
  };
}

async function refresh(
  ports: KeySetPorts,
  one: Kept,
  { tenant, isKnown }: { readonly tenant: string; readonly isKnown: boolean },
): Promise<void> {
  const sinceMs = ports.nowMs() - one.triedMs;
  if (one.isUnderWay && sinceMs < UNDER_WAY_MS_MAX) {
    // Who has a key to go on with does not wait for another's fetch.
    if (!isKnown) await awaitOther(one);
    return;
  }
  if (sinceMs >= REFETCH_MS_MIN) await refetch(ports, one, tenant);
}

/** Looks, and shares no promise: in a Worker that belongs to the request that made it. */
async function awaitOther(one: Kept): Promise<void> {
  for (let waitedMs = 0; one.isUnderWay && waitedMs < UNDER_WAY_MS_MAX; waitedMs += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function refetch(ports: KeySetPorts, one: Kept, tenant: string): Promise<void> {
  const { fetch, isLocal, nowMs, log } = ports;
  one.triedMs = nowMs();
  one.isUnderWay = true;
  try {
    // Again, as an address may have been taken before this was asked of it.
    if (!isLocal && !isPublicHost(one.url)) throw new Error("Cannot fetch keys from inside");
    const text = new TextDecoder().decode(await download(fetch, one.url, LIMITS));
    const set = readKeySet(text);
    if (set === undefined) throw new Error("Cannot use a key set: it holds no key for tokens");
    one.set = set;
    one.fetchedMs = nowMs();
    await leaveCopy(ports, one, { tenant, text });
  } catch (error) {
    log("warn", "access.jwks_unavailable", { tenant, host: new URL(one.url).host, error });
    if (one.set === undefined) await takeCopy(ports, one, tenant);
  } finally {
    one.isUnderWay = false;
  }
}

/** Of a set that is asked for every ten minutes and stays as it is. */
const COPY_MS_MIN = 3_600_000;

const Copy = z.object({ url: z.string(), fetchedMs: z.int(), text: z.string() });

async function leaveCopy(
  { copies, nowMs, log }: KeySetPorts,
  one: Kept,
  { tenant, text }: { readonly tenant: string; readonly text: string },
): Promise<void> {
  // What has changed at once: nobody may go on with a key that was seen to be gone.
  const hash = hashOf(text);
  if (hash === one.copiedHash && nowMs() - one.copiedMs < COPY_MS_MIN) return;
  one.copiedMs = nowMs();
  one.copiedHash = hash;
  const copy: z.infer<typeof Copy> = { url: one.url, fetchedMs: one.fetchedMs, text };
  await copies.put(tenant, JSON.stringify(copy)).catch((error: unknown) => {
    log("warn", "access.jwks_not_copied", { tenant, error });
  });
}

/** A server that begins during an outage goes on with what others had: no longer than they may. */
async function takeCopy({ copies, log }: KeySetPorts, one: Kept, tenant: string): Promise<void> {
  try {
    const { url, fetchedMs, text } = Copy.parse(JSON.parse((await copies.get(tenant)) ?? "null"));
    if (url !== one.url) return;
    const set = readKeySet(text);
    if (set === undefined) return;
    one.set = set;
    one.fetchedMs = fetchedMs;
  } catch (error) {
    log("warn", "access.jwks_no_copy", { tenant, error });
  }
}

const Member = z.looseObject({ kty: z.string() });
type Member = z.infer<typeof Member>;

/** RFC 7517 §5: a member of a kind that is not understood is passed over, and so is a weak one. */
const Members = z.looseObject({ keys: z.array(z.unknown()).max(JWKS_KEYS_MAX) });

function readKeySet(text: string): KeySet | undefined {
  const { keys } = Members.parse(JSON.parse(text));
  return keySetOf(keys.flatMap((key) => Member.safeParse(key).data ?? []));
}

function keySetOf(members: readonly Member[]): KeySet | undefined {
  const keys = members.filter((member) => faultOfKey(member) === undefined);
  if (keys.length === 0) return undefined;
  const kids = keys.flatMap(({ kid }) => (typeof kid === "string" ? [kid] : []));
  // Looks a `kid` up in this set alone: `jku`, `jwk`, `x5u` and `x5c` of a token are not read.
  return { size: keys.length, kids: new Set(kids), keyFor: createLocalJWKSet({ keys }) };
}
