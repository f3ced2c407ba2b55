import { readFileSync } from "node:fs";

/** A file of `fixtures/payloads/`, as it is. */
export const payload = (name: string): string =>
  readFileSync(new URL(`../fixtures/payloads/${name}`, import.meta.url), "utf8");
