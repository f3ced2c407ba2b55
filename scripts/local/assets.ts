import { copyFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { ROOT } from "./bundle.ts";

/** What the page at /docs is made of beside its own three files; the licence goes with it. */
const FILES = [
  "swagger-ui-bundle.js",
  "swagger-ui.css",
  "favicon-32x32.png",
  "LICENSE",
  "NOTICE",
] as const;

/** Where they are served from: in no repository, as npm brings them. */
const VENDOR = path.join(ROOT, "public/docs/vendor");

/** Puts Swagger UI's files where the Worker serves them, so that /docs asks no other host. */
export function copyAssets(): void {
  const require = createRequire(import.meta.url);
  const from = path.dirname(require.resolve("swagger-ui-dist/package.json"));
  mkdirSync(VENDOR, { recursive: true });
  for (const file of FILES) {
    const source = path.join(from, file);
    const place = path.join(VENDOR, file);
    if (sizeOf(place) === sizeOf(source)) continue;
    // Whole or not at all: gateways that start at the same time serve the same folder.
    const part = `${place}.${process.pid}`;
    copyFileSync(source, part);
    renameSync(part, place);
  }
}

const sizeOf = (file: string): number | undefined =>
  statSync(file, { throwIfNoEntry: false })?.size;

if (import.meta.main) copyAssets();
