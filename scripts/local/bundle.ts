import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);

export const ROOT = path.resolve(import.meta.dirname, "../..");
export const CONFIG_FILE = path.join(ROOT, "wrangler.toml");

/** Wrangler's own bundle, made as a deploy makes it. Returns the path of its main module. */
export async function bundleWorker(outDir: string): Promise<string> {
  const wrangler = path.join(
    path.dirname(require.resolve("wrangler/package.json")),
    "bin/wrangler.js",
  );
  const quiet = { WRANGLER_HIDE_BANNER: "true", WRANGLER_SEND_METRICS: "false", CI: "1" };
  // Secrets are bindings, no part of a bundle; named here, wrangler does not warn that they lack.
  const secrets = { MASTER_KEY: "unused", ADMIN_TOKEN: "unused" };
  const args = [wrangler, "deploy", "--dry-run", "--env=", `--config=${CONFIG_FILE}`];
  try {
    await promisify(execFile)(process.execPath, [...args, `--outdir=${outDir}`], {
      cwd: ROOT,
      env: { ...process.env, ...quiet, ...secrets },
    });
  } catch (error) {
    throw new Error(`Cannot bundle the Worker: ${outputOf(error)}`, { cause: error });
  }
  return path.join(outDir, "worker.js");
}

function outputOf(error: unknown): string {
  if (error instanceof Error && "stderr" in error && "stdout" in error) {
    return `${String(error.stdout)}${String(error.stderr)}`.trim();
  }
  return String(error);
}
