import { env, waitUntil } from "cloudflare:workers";
import { readConfig } from "#src/config.ts";
import { auditStore } from "#src/edge/control/audit-store.ts";
import { cachedDirectory } from "#src/edge/control/cached-directory.ts";
import { idempotencyStore } from "#src/edge/control/idempotency-store.ts";
import { tenantKeySets } from "#src/edge/control/jwks.ts";
import { keyStore } from "#src/edge/control/key-store.ts";
import { sourceStore } from "#src/edge/control/source-store.ts";
import { createStore, primaryRecords } from "#src/edge/control/store.ts";
import { tenantStore } from "#src/edge/control/tenant-store.ts";
import { openLines } from "#src/edge/d1/open-lines.ts";
import { createKeyring } from "#src/edge/crypto/keyring.ts";
import { type AppPorts, createApp, everyRoute } from "#src/edge/http/app.ts";
import type { Route } from "#src/edge/http/route.ts";
import { log } from "#src/edge/log.ts";
import { shardFor } from "#src/edge/shards.ts";
import type { Scheme, Sender } from "#src/senders/sender.ts";
import { asDocumented } from "./contract.ts";

export const ADMIN_TOKEN = "test-admin-token";

/** A binding of which the named methods fail or wait while `broken` says so. */
export function failing<Binding extends object>(binding: Binding, ...methods: string[]) {
  const state = { broken: false, hanging: false, calls: 0 };
  const proxy = new Proxy(binding, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        if (!methods.includes(String(name))) return value.apply(target, given);
        state.calls += 1;
        if (state.hanging) return new Promise(() => {});
        // Preparing is no call to D1 yet: it fails as a bug would, at once.
        const error = new Error(`${String(name)} is out`);
        if (state.broken && name === "prepare") throw error;
        if (state.broken) return Promise.reject(error);
        return value.apply(target, given);
      };
    },
  });
  return Object.assign(state, { binding: proxy });
}

const open: Scheme = {
  verify: async () => ({ ok: true, steps: [] }),
  checkSecret: (secret) => (secret.length < 8 ? "The secret is too short" : undefined),
  covers: "nothing",
};

/** A sender of two schemes whose secrets have 8 characters at least: all that control asks of one. */
const acme: Sender = {
  name: "acme",
  family: "product",
  defaultScheme: "plain",
  schemes: {
    plain: open,
    other: open,
  },
  readHeaders: [],
  checkOptions: () => [],
  read: () => ({ kind: "items", items: [] }),
};

export interface RigOptions {
  readonly kv?: KVNamespace;
  readonly d1?: D1Database;
  readonly masterKeys?: readonly Uint8Array[];
  readonly nowMs?: () => number;
  readonly rate?: AppPorts["rate"];
  readonly tenantRate?: AppPorts["tenantRate"];
  readonly idempotency?: AppPorts["idempotency"];
  readonly routes?: readonly Route[];
  readonly ingest?: AppPorts["ingest"];
  readonly beforeResume?: AppPorts["beforeResume"];
  readonly onResume?: AppPorts["onResume"];
  readonly noteUse?: AppPorts["noteUse"];
  /** Of key sets. */
  readonly fetch?: typeof fetch;
  readonly isLocal?: boolean;
  readonly environment?: string;
}

/** One isolate's worth of control and API over the real bindings, as worker.ts composes it. */
export function controlRig(options: RigOptions = {}) {
  const config = readConfig(env);
  const { kv = env.CONFIG, d1 = env.MIRROR_0, nowMs = () => Date.now() } = options;
  const keyring = createKeyring(options.masterKeys ?? config.masterKeys);
  const directory = cachedDirectory({ kv, primary: primaryRecords(d1), keyring, log, nowMs });
  const store = createStore({ d1, kv, changed: directory.changed, log });
  const tenants = tenantStore({
    store,
    keyring,
    shardFor: (jurisdiction) => shardFor(["global", "eu"], jurisdiction),
    openLines: (tenant) => openLines(d1, tenant),
  });
  const sources = sourceStore({ store, keyring });
  const keys = keyStore(store);
  const ports: AppPorts = {
    adminToken: config.adminToken,
    environment: options.environment ?? config.environment,
    version: "v1",
    rate: options.rate ?? { limit: async () => ({ success: true }) },
    tenantRate: options.tenantRate ?? { limit: async () => ({ success: true }) },
    aside: waitUntil,
    senders: new Map([[acme.name, acme]]),
    directory,
    tenants,
    sources,
    keys,
    noteUse: options.noteUse ?? (() => {}),
    keySets: tenantKeySets({
      fetch: options.fetch ?? (() => Promise.reject(new Error("Nothing is fetched here"))),
      isLocal: options.isLocal ?? false,
      nowMs,
      log,
      copies: {
        get: (tenant) => env.CONFIG.get(`jwks:${tenant}`),
        put: (tenant, text) => env.CONFIG.put(`jwks:${tenant}`, text),
      },
    }),
    idempotency: options.idempotency ?? idempotencyStore({ d1, keyring }),
    audit: auditStore(store),
    beforeResume: options.beforeResume ?? (async () => {}),
    onResume: options.onResume ?? (async () => {}),
    ingest: options.ingest ?? (async () => new Response("ingested", { status: 202 })),
    routes: options.routes ?? [],
    log,
    nowMs,
  };
  const app = createApp(ports);
  return {
    app,
    ports,
    directory,
    store,
    keyring,
    tenants,
    sources,
    keys,
    routes: everyRoute(ports),
  };
}

type Rig = ReturnType<typeof controlRig>;

export interface Call {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API as ADMIN_TOKEN does, unless told otherwise; `token: undefined` brings none. */
export async function call(
  { app, ports }: Rig,
  line: string,
  options: Call = {},
): Promise<Response> {
  const [method = "GET", path = "/"] = line.split(" ");
  const headers = new Headers(options.headers);
  const token = "token" in options ? options.token : ADMIN_TOKEN;
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  const isJson = options.body !== undefined && !headers.has("Content-Type");
  if (isJson) headers.set("Content-Type", "application/json");
  const body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
  const sent = { method, headers, ...(options.body === undefined ? {} : { body }) };
  const response = await app.request(path, sent);
  // Routes that a test makes up are in no document, and its ingest only says that it was called.
  const isOwn = ports.routes.length > 0 || path.startsWith("/in/");
  return isOwn ? response : asDocumented({ method, url: path }, response);
}

/** A new tenant that no other test knows. */
export async function newTenant(rig: Rig, more: object = {}): Promise<string> {
  const tenant = `t${crypto.randomUUID()}`;
  const body = { name: "Acme", mode: "mirror", currency: "USD", ...more };
  const response = await call(rig, `PUT /v1/tenants/${tenant}`, { body });
  if (response.status !== 201) throw new Error(`Cannot create a tenant: ${await response.text()}`);
  return tenant;
}

/** A new API key of a tenant. */
export async function newKey(rig: Rig, tenant: string, body: object) {
  const response = await call(rig, `POST /v1/tenants/${tenant}/keys`, { body });
  if (response.status !== 201) throw new Error(`Cannot create a key: ${await response.text()}`);
  return response.json<{ key: string; key_id: string }>();
}
