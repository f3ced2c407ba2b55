import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { copyAssets } from "./assets.ts";
import { bundleWorker } from "./bundle.ts";
import { createClient } from "./client.ts";
import { startCron } from "./cron.ts";
import { waitUntilIdle } from "./idle.ts";
import { holdState } from "./hold.ts";
import { migrate } from "./migrate.ts";
import { type Runtime, type Started, startRuntime } from "./runtime.ts";
import { keepSecrets } from "./state.ts";

/** Queues live in memory: what is not consumed by then is lost with the runtime. */
const DRAIN_MS_MAX = 10_000;
const NODE_MIN: readonly [number, number] = [22, 12];

export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly stateDir: string;
  readonly adminToken?: string;
  /** Variables that stand above those of wrangler.toml. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly quiet?: boolean;
  readonly queue?: { readonly maxBatchTimeout?: number };
}

export interface Gateway {
  readonly url: string;
  readonly adminToken: string;
  readonly miniflare: Runtime;
  /** Lets what was accepted be consumed, then ends. Calling it again waits for the same end. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs the Worker as it would be deployed, on this machine. What it stores lasts in `stateDir`:
 * started there again, it has everything but what was still queued.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  checkNode(process.versions.node);
  await checkPort(options.port);
  const stateDir = path.resolve(options.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const release = await holdState(stateDir);
  const scratchDir = mkdtempSync(path.join(tmpdir(), "upline-"));
  const removeScratch = () => {
    rmSync(scratchDir, { recursive: true, force: true });
  };
  // A process that dies in the middle leaves no bundle behind either.
  process.once("exit", removeScratch);
  try {
    return await start({ ...options, stateDir }, { scratchDir, release, removeScratch });
  } catch (error) {
    removeScratch();
    throw error;
  }
}

interface Premises {
  readonly scratchDir: string;
  readonly release: { hold(url: string): void; free(): void };
  readonly removeScratch: () => void;
}

async function start(options: GatewayOptions, premises: Premises): Promise<Gateway> {
  const { stateDir, port, quiet = false, vars = {} } = options;
  const { scratchDir, release, removeScratch } = premises;
  const secrets = keepSecrets(stateDir, options.adminToken);
  copyAssets();
  const script = await bundleWorker(path.join(scratchDir, "bundle"));
  const timeout = options.queue?.maxBatchTimeout;
  const started = startRuntime({
    script,
    stateDir,
    scratchDir,
    port,
    bindings: { ...vars, MASTER_KEY: secrets.masterKey, ADMIN_TOKEN: secrets.adminToken },
    ...(timeout === undefined ? {} : { batchTimeoutSeconds: timeout }),
    onLog: (_level, text) => {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
  });
  const { runtime, crons } = started;
  const url = await readyUrl(started);
  release.hold(url);
  const stopCron = startCron(runtime, crons);

  async function end(): Promise<void> {
    stopCron();
    await drain(started, url, secrets.adminToken);
    await runtime.dispose();
    release.free();
    removeScratch();
    process.removeListener("exit", removeScratch);
  }
  let ending: Promise<void> | undefined;
  const stop = () => (ending ??= end());
  return { url, adminToken: secrets.adminToken, miniflare: runtime, stop };
}

/** The runtime is disposed of if it cannot be made ready: it would outlive the error. */
async function readyUrl({ runtime, databases }: Started): Promise<string> {
  try {
    const url = await runtime.ready;
    for (const { binding, migrationsDir } of databases) {
      await migrate(await runtime.getD1Database(binding), migrationsDir);
    }
    return url.origin;
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

async function drain(started: Started, url: string, adminToken: string): Promise<void> {
  try {
    const tenants = await tenantsOf(started);
    await waitUntilIdle(createClient(url, adminToken), tenants, DRAIN_MS_MAX);
  } catch {
    // A runtime that answers no more has nothing left to wait for.
  }
}

async function tenantsOf({ runtime, databases }: Started): Promise<readonly string[]> {
  const [control] = databases;
  if (control === undefined) return [];
  const d1 = await runtime.getD1Database(control.binding);
  // One tenant a shard tells of its queue: the backlog is the shard's.
  const { results = [] } = await d1
    .prepare("SELECT MIN(tenant) AS tenant FROM tenants GROUP BY shard")
    .run();
  return results.map((row) => String(Object(row).tenant));
}

function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin, minorMin] = NODE_MIN;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new Error(
    `Cannot run on Node ${version}: it takes ${NODE_MIN.join(".")} or later, as npm scripts bring it`,
  );
}

function checkPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => {
      const why = "code" in error && error.code === "EADDRINUSE" ? "it is taken" : error.message;
      reject(new Error(`Cannot listen on port ${port}: ${why}; set PORT to another one`));
    });
    probe.listen(port, "127.0.0.1", () => {
      probe.close(() => {
        resolve();
      });
    });
  });
}
