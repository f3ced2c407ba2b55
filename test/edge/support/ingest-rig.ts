import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair } from "jose";
import type { Reading, Sender, SourceAuth } from "#src/senders/sender.ts";
import { SENDERS } from "#src/senders/index.ts";
import { createInbox } from "#src/edge/archive/inbox.ts";
import type { Source, Tenant } from "#src/edge/control/directory.ts";
import { importLinkKey } from "#src/edge/crypto/keyring.ts";
import type { IngestPorts } from "#src/edge/http/arrive.ts";
import { ingest } from "#src/edge/http/ingest.ts";
import { log } from "#src/edge/log.ts";
import type { DeliveryMessage, Message, RejectionMessage } from "#src/edge/message.ts";
import { signHubspotV3, signJwt, signStandard, signStripe } from "../../../scripts/signing.ts";

export const bindings = env;
export const NOW_MS = Date.UTC(2026, 10, 22, 9, 30);
export const NOW_S = NOW_MS / 1000;
export const ORIGIN = "https://gateway.example";

/** Cloudflare's limit of one message, with its own hundred bytes. */
const QUEUE_BYTES_MAX = 128_000 - 100;

/** No certificate is to be had anywhere. */
export const noCertificate: IngestPorts["certificateAt"] = () => Promise.resolve(undefined);

export interface TestQueue extends Queue<Message> {
  readonly sent: Message[];
}

/** Takes what Cloudflare would take, as the JSON it would make of it. */
export function memoryQueue(): TestQueue {
  const sent: Message[] = [];
  const answer = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  const take = (message: Message) => {
    const text = JSON.stringify(message);
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > QUEUE_BYTES_MAX) throw new Error(`Message of ${bytes} bytes`);
    sent.push(JSON.parse(text));
    return bytes;
  };
  return {
    sent,
    send: async (message) => {
      take(message);
      return answer;
    },
    sendBatch: async (messages) => {
      const all = [...messages];
      if (all.length > 100) throw new Error(`Batch of ${all.length} messages`);
      const bytes = all.reduce((sum, { body }) => sum + take(body) + 100, 0);
      if (bytes > 256_000) throw new Error(`Batch of ${bytes} bytes`);
      return answer;
    },
    metrics: async () => ({ backlogCount: 0, backlogBytes: 0 }),
  };
}

export const fail = async (): Promise<never> => {
  throw new Error("Queue is overloaded. Please back off.");
};
export const hang = () => new Promise<never>(() => {});

export const throwingQueue = (): TestQueue => ({ ...memoryQueue(), send: fail, sendBatch: fail });
export const hangingQueue = (): TestQueue => ({ ...memoryQueue(), send: hang, sendBatch: hang });

/** A bucket whose writes fail, or never return. */
export const brokenBucket = (put: () => Promise<never>): R2Bucket =>
  new Proxy(bindings.ARCHIVE_0, {
    get: (target, name) => {
      if (name === "put") return put;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

export async function makeTenant(tenant: string = crypto.randomUUID()): Promise<Tenant> {
  const dataKey = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  if (!(dataKey instanceof CryptoKey)) throw new Error("Got a pair of keys");
  return {
    tenant,
    name: "Test",
    mode: "mirror",
    currency: "USD",
    shard: 0,
    dataKey,
    linkKey: await importLinkKey(crypto.getRandomValues(new Uint8Array(32))),
    access: {},
    quotas: {},
  };
}

const signing = await generateKeyPair("EdDSA", { extractable: true });
const stranger = await generateKeyPair("EdDSA", { extractable: true });

const privateJwk = async ({ privateKey }: typeof signing) =>
  JSON.stringify({ ...(await exportJWK(privateKey)), alg: "EdDSA", kid: "k1" });

export const JWT_PRIVATE = await privateJwk(signing);
/** Of somebody who took over the `kid`, and not the key. */
export const JWT_STRANGER = await privateJwk(stranger);
const jwtSecret = JSON.stringify({
  jwks: {
    keys: [{ ...(await exportJWK(signing.publicKey)), alg: "EdDSA", kid: "k1", use: "sig" }],
  },
  issuer: "https://core.example",
  audience: "upline",
  algorithms: ["EdDSA"],
  clock_skew_s: 60,
});

export const SECRETS = {
  standard: `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`,
  jwt: jwtSecret,
  stripe: "whsec_stripe_test_text_0123456789",
  hubspot: "hubspot-client-secret-0123456789",
} as const;

export type SenderName = keyof typeof SECRETS;
export const SENDER_NAMES: readonly SenderName[] = ["standard", "jwt", "stripe", "hubspot"];

const SCHEMES: Readonly<Record<SenderName, string>> = {
  standard: "standard-webhooks-v1",
  jwt: "jwt-bearer",
  stripe: "stripe-v1",
  hubspot: "hubspot-v3",
};

/** A connector as the policy table knows it, until the first real one is written. */
export const connector: Sender = {
  name: "connector",
  family: "connector",
  defaultScheme: "open",
  schemes: {
    open: {
      verify: async () => ({ ok: true, steps: [] }),
      checkSecret: () => undefined,
      covers: "nothing",
    },
  },
  readHeaders: [],
  checkOptions: () => [],
  read({ body }): Reading {
    const text = new TextDecoder().decode(body);
    if (text === "heartbeat") return { kind: "items", items: [] };
    const errors = [{ path: "", rule: "json", message: "The body is not JSON" }];
    if (text !== "row") return { kind: "malformed", errors };
    return {
      kind: "items",
      items: [{ kind: "broken", id: "row-1", code: "contract_violated", errors }],
    };
  },
};

export const senders: ReadonlyMap<string, Sender> = new Map([
  ...SENDERS,
  [connector.name, connector],
]);

export const makeSource = (
  tenant: Tenant,
  name: SenderName | "connector",
  extra: Partial<Source> = {},
): Source => {
  const auth: SourceAuth =
    name === "connector"
      ? { scheme: "open", secrets: [] }
      : { scheme: SCHEMES[name], secrets: [SECRETS[name]] };
  return { tenant, source: name, sender: name, auth, options: {}, ...extra };
};

export const urlOf = (tenant: string, source: string) => `${ORIGIN}/in/${tenant}/${source}`;

/** The headers that a sender would sign this body with, at this second. */
export async function sign(
  name: SenderName,
  request: { tenant: string; body: string; atS?: number; secret?: string; id?: string },
): Promise<Readonly<Record<string, string>>> {
  const { tenant, body, atS = NOW_S } = request;
  const secret = request.secret ?? SECRETS[name];
  if (name === "standard") {
    return signStandard({ secret, id: request.id ?? "msg_1", timestampS: atS, body });
  }
  if (name === "stripe") return signStripe({ secret, timestampS: atS, body });
  if (name === "hubspot") {
    const url = urlOf(tenant, name);
    return signHubspotV3({ secret, method: "POST", url, body, timestampMs: atS * 1000 });
  }
  return signJwt({
    secret: request.secret ?? JWT_PRIVATE,
    issuer: "https://core.example",
    audience: "upline",
    issuedAtS: atS,
    expiresAtS: atS + 60,
  });
}

export const order = (id: string, extra: object = {}) => ({
  id,
  type: "order.cancelled",
  version: 1,
  occurred_at: "2026-11-22T09:00:00.000Z",
  data: { order_id: `o-${id}`, reason: "customer_request" },
  ...extra,
});

export const hubspotChange = (eventId: number, extra: object = {}) => ({
  eventId,
  subscriptionId: 7,
  portalId: 42,
  occurredAt: NOW_MS,
  subscriptionType: "contact.creation",
  attemptNumber: 0,
  objectId: 1000 + eventId,
  ...extra,
});

export const stripeEvent = (id: string, extra: object = {}) => ({
  id,
  object: "event",
  type: "customer.created",
  created: NOW_S,
  data: { object: { id: "cus_1", email: "ada@example.com" } },
  ...extra,
});

/** A body that each sender would post; the product's is an event or kept for a person. */
export const bodyOf = (name: SenderName): string => {
  if (name === "stripe") return JSON.stringify(stripeEvent("evt_s1"));
  if (name === "hubspot") return JSON.stringify([hubspotChange(1)]);
  return JSON.stringify(order("e1"));
};

export interface Rig {
  readonly tenant: Tenant;
  readonly queue: TestQueue;
  readonly sources: Map<string, Source>;
  readonly call: (request: Request, source: string) => Promise<Response>;
  readonly post: (
    source: string,
    body: BodyInit,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  /** Signs and posts. */
  readonly deliver: (name: SenderName, body: string) => Promise<Response>;
}

export interface RigParts {
  readonly queue?: TestQueue;
  readonly archive?: R2Bucket;
  readonly tenant?: Tenant;
  /** Senders besides those of the registry, each with a source of its name. */
  readonly senders?: readonly Sender[];
  readonly nowMs?: number;
  readonly overQuota?: IngestPorts["overQuota"];
}

/** Ingest over the real R2, with a queue that can be looked into. */
export async function makeRig(parts: RigParts = {}): Promise<Rig> {
  const tenant = parts.tenant ?? (await makeTenant());
  const queue = parts.queue ?? memoryQueue();
  const archive = parts.archive ?? bindings.ARCHIVE_0;
  const sources = new Map<string, Source>(
    [...SENDER_NAMES, "connector" as const].map((name) => [name, makeSource(tenant, name)]),
  );
  for (const sender of parts.senders ?? []) {
    const auth = { scheme: sender.defaultScheme, secrets: ["secret-0123456789"] };
    const source = { tenant, source: sender.name, sender: sender.name, auth, options: {} };
    sources.set(sender.name, source);
  }
  const added = (parts.senders ?? []).map((sender) => [sender.name, sender] as const);
  const receive = ingest({
    senders: new Map([...senders, ...added]),
    directory: {
      source: async (name, source) => (name === tenant.tenant ? sources.get(source) : undefined),
    },
    inbox: createInbox({ shardOf: () => ({ events: queue, archive }), log }),
    certificateAt: noCertificate,
    overQuota: parts.overQuota ?? (async () => undefined),
    log,
    nowMs: () => parts.nowMs ?? NOW_MS,
  });
  const call = (request: Request, source: string) =>
    receive(request, { tenant: tenant.tenant, source });
  const post: Rig["post"] = (source, body, headers = {}) =>
    call(new Request(urlOf(tenant.tenant, source), { method: "POST", body, headers }), source);
  return {
    tenant,
    queue,
    sources,
    call,
    post,
    deliver: async (name, body) =>
      post(name, body, await sign(name, { tenant: tenant.tenant, body })),
  };
}

export const keysUnder = async (prefix: string): Promise<readonly string[]> =>
  (await bindings.ARCHIVE_0.list({ prefix })).objects.map(({ key }) => key);

export const isDelivery = (message: Message): message is DeliveryMessage =>
  message.kind === "delivery";
export const isRejection = (message: Message): message is RejectionMessage =>
  message.kind === "rejection";
