import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

const ROOT = path.join(import.meta.dirname, "..");
const WRANGLER = path.join(ROOT, "node_modules/wrangler/bin/wrangler.js");

const run = promisify(execFile);

/** One script of modules, as workerd takes it. */
export interface Script {
  readonly path: string;
  readonly contents: string;
}

/** Bundles an entry that imports `src/`, as `wrangler deploy` would. */
export async function bundle(entry: string, directory: string): Promise<Script> {
  const name = entry.replaceAll(/[^a-z]+/g, "-");
  const outdir = path.join(directory, name);
  const config = path.join(ROOT, "wrangler.toml");
  const args = ["deploy", entry, "--dry-run", "--outdir", outdir, "--config", config];
  await run(process.execPath, [WRANGLER, ...args, "--env", ""], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" },
  });
  const file = path.join(outdir, `${path.basename(entry, ".ts")}.js`);
  return { path: `${name}.js`, contents: await readFile(file, "utf8") };
}

/** A bare Worker imports nothing of ours: its types are stripped, and that is all. */
export async function strip(entry: string): Promise<Script> {
  const contents = stripTypeScriptTypes(await readFile(path.join(ROOT, entry), "utf8"));
  return { path: `${path.basename(entry, ".ts")}.js`, contents };
}
