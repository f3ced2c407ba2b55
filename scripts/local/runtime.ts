import { chmodSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { CONFIG_FILE, ROOT } from "./bundle.ts";
import type { Database } from "./migrate.ts";

/** What of Miniflare the scripts use: it is wrangler's dependency, pinned with it. */
export interface Runtime {
  readonly ready: Promise<URL>;
  getD1Database(binding: string): Promise<Database>;
  getWorker(): Promise<{
    scheduled(event: { readonly cron: string; readonly scheduledTime: Date }): Promise<unknown>;
  }>;
  dispose(): Promise<void>;
}

interface RuntimeLibrary {
  readonly Miniflare: new (options: unknown) => Runtime;
  readonly NoOpLog: new () => unknown;
  readonly convertV4MiniflareOptions: (options: object) => unknown;
}

export interface RuntimeOptions {
  readonly script: string;
  readonly stateDir: string;
  /** Gone when the runtime is. */
  readonly scratchDir: string;
  readonly port: number;
  readonly bindings: Readonly<Record<string, string>>;
  readonly batchTimeoutSeconds?: number;
  readonly onLog: (level: string, text: string) => void;
}

export interface Started {
  readonly runtime: Runtime;
  readonly crons: readonly string[];
  readonly databases: readonly { readonly binding: string; readonly migrationsDir: string }[];
}

/** What of wrangler's reading of its file is used here; the rest goes through as it is. */
interface FlatOptions {
  readonly modulesRules?: unknown;
  readonly bindings?: Readonly<Record<string, unknown>>;
  readonly queueConsumers?: Readonly<Record<string, object>>;
}

interface Config {
  readonly name: string;
  readonly triggers: { readonly crons?: readonly string[] };
  readonly d1_databases: readonly { readonly binding: string; readonly migrations_dir?: string }[];
}

interface Wrangler {
  readonly unstable_readConfig: (args: { readonly config: string }) => Config;
  readonly unstable_getMiniflareWorkerOptions: (config: Config) => { workerOptions: FlatOptions };
}

/** Starts what wrangler.toml describes, without wrangler's proxy before it. */
export function startRuntime(options: RuntimeOptions): Started {
  process.env["WRANGLER_LOG"] ??= "error";
  const require = createRequire(import.meta.url);
  const wrangler: Wrangler = require("wrangler");
  const ofWrangler = createRequire(require.resolve("wrangler"));
  const library: RuntimeLibrary = ofWrangler("miniflare");
  const workerd: { readonly default: string } = ofWrangler("workerd");

  const config = wrangler.unstable_readConfig({ config: CONFIG_FILE });
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(config);
  process.env["MINIFLARE_WORKERD_PATH"] = guardWorkerd(options.scratchDir, workerd.default);
  const runtime = withoutItsSignals(
    () =>
      new library.Miniflare(
        library.convertV4MiniflareOptions({
          ...flatOptions(workerOptions, options),
          name: config.name,
          log: new library.NoOpLog(),
        }),
      ),
  );
  const databases = config.d1_databases.map((d1) => ({
    binding: d1.binding,
    migrationsDir: path.resolve(ROOT, d1.migrations_dir ?? "migrations"),
  }));
  return { runtime, crons: config.triggers.crons ?? [], databases };
}

function flatOptions(
  workerOptions: FlatOptions,
  { script, stateDir, port, bindings, batchTimeoutSeconds, onLog }: RuntimeOptions,
): object {
  // Rules say how a source tree is read; the bundle is one module.
  const { modulesRules: _rules, ...rest } = workerOptions;
  return {
    ...rest,
    modules: [{ type: "ESModule", path: script }],
    modulesRoot: path.dirname(script),
    bindings: { ...rest.bindings, ...bindings },
    queueConsumers: withTimeout(rest.queueConsumers, batchTimeoutSeconds),
    host: "127.0.0.1",
    port,
    cf: false,
    resourcePersistencePath: path.join(stateDir, "v3"),
    handleStructuredLogs: (log: { level: string; message: string }) => {
      onLog(log.level, log.message);
    },
  };
}

/** What `wrangler.toml` waits for a batch to fill, tests need not. */
function withTimeout(
  consumers: FlatOptions["queueConsumers"] = {},
  maxBatchTimeout: number | undefined,
): object {
  if (maxBatchTimeout === undefined) return consumers;
  const entries = Object.entries(consumers).map(([queue, consumer]) => [
    queue,
    { ...consumer, maxBatchTimeout },
  ]);
  return Object.fromEntries(entries);
}

/**
 * Ctrl-C reaches the whole process group: workerd would die with what is queued before it could
 * be consumed, so it ignores SIGINT and lives as long as we do, whichever way we end.
 */
function guardWorkerd(scratchDir: string, workerd: string): string {
  const guard = path.join(scratchDir, "workerd.sh");
  const script = `#!/bin/sh
trap '' INT
if command -v setpriv >/dev/null 2>&1; then exec setpriv --pdeathsig KILL "${workerd}" "$@"; fi
exec "${workerd}" "$@"
`;
  writeFileSync(guard, script);
  chmodSync(guard, 0o700);
  return guard;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Miniflare exits the process on a signal; whoever runs the gateway decides that here. */
function withoutItsSignals<Value>(start: () => Value): Value {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  const value = start();
  for (const [signal, known] of before) {
    for (const listener of process.listeners(signal)) {
      if (!known.includes(listener)) process.removeListener(signal, listener);
    }
  }
  return value;
}
