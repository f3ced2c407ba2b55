import path from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { migrate } from "../scripts/local/migrate.ts";
import type { Script } from "./bundle.ts";

const ROOT = path.join(import.meta.dirname, "..");
const CONFIG = path.join(ROOT, "wrangler.toml");
const MIGRATIONS = path.join(ROOT, "migrations");
const DATABASE = "MIRROR_0";
/** What both rigs take from wrangler.toml as it stands. */
const SHARED = ["compatibilityDate", "compatibilityFlags", "versionMetadata", "d1Databases"].concat(
  ["r2Buckets", "kvNamespaces", "queueConsumers"],
);

export const ADMIN_TOKEN = "bench-admin-token-0123456789-0123456789";
export const EVENTS_QUEUE = "upline-local-events-0";

type ObjectClass = "Distributor" | "Order" | "Record" | "Tree";
/** Every class that the gateway exports. */
export const OBJECTS: readonly ObjectClass[] = ["Distributor", "Order", "Record", "Tree"];

/** One workerd of its own, with the Worker's bindings and state that is gone with it. */
export interface Rig {
  readonly port: number;
  readonly miniflare: Miniflare;
  /** Calls the Worker as the admin and reads JSON; throws on anything but a 2xx. */
  readonly call: <Answer>(line: string, body?: unknown) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

export interface RigOptions {
  readonly script: Script;
  /** Classes of objects that the script exports. */
  readonly objects?: readonly ObjectClass[];
  /** Holds every message back this long: a round ends before its consumer begins. */
  readonly deliveryDelay?: number;
}

/**
 * Starts a Worker on Miniflare, on loopback, its settings read from wrangler.toml: those of the
 * gateway and of its bare counterpart differ in the script alone. Assets are left out of both, as
 * their local router is a Worker in front that the platform does not have.
 */
export async function startRig(options: RigOptions): Promise<Rig> {
  const miniflare = new Miniflare(convertV4MiniflareOptions(settingsOf(options)));
  const url = await miniflare.ready;
  await migrate(await miniflare.getD1Database(DATABASE), MIGRATIONS);
  return {
    port: Number(url.port),
    miniflare,
    call: (line, body) => call(url, line, body),
    stop: () => miniflare.dispose(),
  };
}

type Settings = Parameters<typeof convertV4MiniflareOptions>[0];

function settingsOf({ script, objects = [], deliveryDelay }: RigOptions): Settings {
  // Or wrangler tells which secrets it finds, and which it lacks.
  process.env["WRANGLER_LOG"] ??= "none";
  const { workerOptions: ours } = unstable_getMiniflareWorkerOptions(CONFIG);
  const delay = deliveryDelay === undefined ? {} : { deliveryDelay };
  const given: Settings = {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: showErrors,
    modules: script.map((module) => ({ type: "ESModule", ...module })),
    queueProducers: {
      EVENTS_0: { queueName: EVENTS_QUEUE, ...delay },
      DEAD_0: { queueName: `${EVENTS_QUEUE}-dead` },
    },
    // The limit stays in the path, and out of the way of one client that asks as fast as it can.
    ratelimits: {
      API_RATE: { namespace_id: "1", simple: { limit: 1e9, period: 60 } },
      TENANT_RATE: { namespace_id: "2", simple: { limit: 1e9, period: 60 } },
    },
    durableObjects: Object.fromEntries(
      objects.map((name) => [name.toUpperCase(), { className: name, useSQLite: true }]),
    ),
  };
  const secrets = { ADMIN_TOKEN, MASTER_KEY: Buffer.alloc(32, 7).toString("base64") };
  const bindings = { ...Object(ours["bindings"]), ...secrets };
  return { ...Object.fromEntries(SHARED.map((name) => [name, ours[name]])), ...given, bindings };
}

function showErrors({ level, message }: { level: string; message: string }): void {
  if (level === "error") process.stderr.write(`workerd: ${message}\n`);
}

async function call<Answer>(origin: URL, line: string, body: unknown): Promise<Answer> {
  const [method = "GET", target = "/"] = line.split(" ");
  const response = await fetch(new URL(target, origin), {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot ${line}: ${response.status} ${text}`);
  return JSON.parse(text);
}
