import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { contractSchemas } from "../src/core/contracts/schema.ts";
import { openapi } from "./openapi/document.ts";

/** Writes what the Worker serves as static assets; test/openapi.test.ts holds the files against it. */
const PUBLIC = path.join(import.meta.dirname, "../public");

await mkdir(PUBLIC, { recursive: true });
for (const [file, content] of [
  ["contracts.json", contractSchemas()],
  ["openapi.json", openapi()],
] as const) {
  await writeFile(path.join(PUBLIC, file), `${JSON.stringify(content, null, 2)}\n`);
}
