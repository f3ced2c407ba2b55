import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

const ROOT = path.join(import.meta.dirname, "..");
const WRANGLER = path.join(ROOT, "node_modules/wrangler/bin/wrangler.js");

const run = promisify(execFile);

/** A script's modules as workerd takes them, the first one its entry. */
export type Script = readonly { readonly path: string; readonly contents: string }[];

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
  return [{ path: `${name}.js`, contents: await readFile(file, "utf8") }];
}

/** A bare Worker is small enough to run as it is written: its types are stripped, and that is all. */
export async function strip(...modules: readonly string[]): Promise<Script> {
  return Promise.all(
    modules.map(async (module) => {
      const text = await readFile(path.join(import.meta.dirname, module), "utf8");
      return { path: module, contents: stripTypeScriptTypes(text) };
    }),
  );
}
