import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { generated } from "./openapi/generated.ts";

/** Writes what follows from the code; test/openapi.test.ts holds the files against it. */
const files = await generated();
// A file an operation: those of operations that are gone would stay.
await rm(path.join(import.meta.dirname, "../collections"), { recursive: true, force: true });
for (const [file, content] of files) {
  const place = path.join(import.meta.dirname, "..", file);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, content);
}
