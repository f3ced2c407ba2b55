import { contractSchemas } from "../../src/core/contracts/schema.ts";
import { brunoFiles } from "./bruno.ts";
import { coreOpenapi } from "./core.ts";
import { clientTypes } from "./client-types.ts";
import { openapi } from "./document.ts";
import { postmanCollection } from "./postman.ts";

/** Every file that `npm run generate` writes: its path in the repository, and its text. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["public/contracts.json", json(contractSchemas())],
    ["public/openapi.json", json(openapi())],
    ["public/core-openapi.json", json(coreOpenapi())],
    ["client/src/schema.ts", await clientTypes()],
    ["collections/upline.postman_collection.json", json(postmanCollection())],
    ...[...brunoFiles()].map(([file, text]): [string, string] => [
      `collections/bruno/${file}`,
      text,
    ]),
  ]);
}

const json = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`;
