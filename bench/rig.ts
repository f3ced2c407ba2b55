import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import type { Script } from "./bundle.ts";

const ROOT = path.join(import.meta.dirname, "..");
const MIGRATIONS = path.join(ROOT, "migrations");
const DATABASE = "MIRROR_0";

export const ADMIN_TOKEN = "bench-admin-token-0123456789-0123456789";
export const EVENTS_QUEUE = "upline-local-events-0";

/** One workerd of its own, with the Worker's bindings and state that is gone with it. */
export interface Rig {
  readonly port: number;
  readonly miniflare: Miniflare;
  /** Calls the Worker as the admin and reads JSON; throws on anything but a 2xx. */
  readonly call: (line: string, body?: unknown) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export interface RigOptions {
  readonly script: Script;
  /** Classes of objects that the script exports. */
  readonly objects?: readonly ("Distributor" | "Record")[];
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
  await migrate(miniflare);
  return {
    port: Number(url.port),
    miniflare,
    call: (line, body) => call(url, line, body),
    stop: () => miniflare.dispose(),
  };
}

function settingsOf({ script, objects = [], deliveryDelay }: RigOptions) {
  // Or wrangler tells which secrets it finds, and which it lacks.
  process.env["WRANGLER_LOG"] ??= "none";
  const { workerOptions } = unstable_getMiniflareWorkerOptions(path.join(ROOT, "wrangler.toml"));
  const delay = deliveryDelay === undefined ? {} : { deliveryDelay };
  const { compatibilityDate, compatibilityFlags, d1Databases, r2Buckets } = workerOptions;
  const { kvNamespaces, queueConsumers, versionMetadata } = workerOptions;
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: showErrors,
    modules: script.map((module) => ({ type: "ESModule" as const, ...module })),
    ...{ compatibilityDate, compatibilityFlags, versionMetadata },
    ...{ d1Databases, r2Buckets, kvNamespaces, queueConsumers },
    bindings: {
      ...workerOptions.bindings,
      ADMIN_TOKEN,
      MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
    },
    queueProducers: {
      EVENTS_0: { queueName: EVENTS_QUEUE, ...delay },
      DEAD_0: { queueName: `${EVENTS_QUEUE}-dead` },
    },
    // The limit stays in the path, and out of the way of one client that asks as fast as it can.
    ratelimits: { API_RATE: { namespace_id: "1", simple: { limit: 1e9, period: 60 as const } } },
    durableObjects: Object.fromEntries(
      objects.map((name) => [name.toUpperCase(), { className: name, useSQLite: true }]),
    ),
  };
}

function showErrors({ level, message }: { level: string; message: string }): void {
  if (level === "error") process.stderr.write(`workerd: ${message}\n`);
}

async function migrate(miniflare: Miniflare): Promise<void> {
  const database = await miniflare.getD1Database(DATABASE);
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).toSorted();
  for (const file of files) {
    const text = await readFile(path.join(MIGRATIONS, file), "utf8");
    const steps = text.split("--> statement-breakpoint").map((step) => database.prepare(step));
    await database.batch(steps);
  }
}

async function call(origin: URL, line: string, body: unknown): Promise<unknown> {
  const [method = "GET", target = "/"] = line.split(" ");
  const response = await fetch(new URL(target, origin), {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot ${line}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
