import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { openapi } from "./document.ts";

interface Generator {
  readonly default: (document: unknown, options: { alphabetize: boolean }) => Promise<unknown>;
  readonly astToString: (ast: unknown) => string;
}

const HEADER = "// Written by `npm run generate` from public/openapi.json.\n\n";

/** The types of the whole interface, as client/src/schema.ts has them. */
export async function clientTypes(): Promise<string> {
  // The package brings its own TypeScript: the generator needs version 5.
  const client = path.join(import.meta.dirname, "../../client/package.json");
  const place = createRequire(client).resolve("openapi-typescript");
  const { default: generate, astToString }: Generator = await import(
    pathToFileURL(place.replace(/\.cjs$/, ".mjs")).href
  );
  const document: unknown = JSON.parse(JSON.stringify(openapi()));
  return `${HEADER}${astToString(await generate(document, { alphabetize: false }))}`;
}
