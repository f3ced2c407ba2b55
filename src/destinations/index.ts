import type { DestinationKind } from "./destination.ts";
import { webhook } from "./webhook.ts";

/** Every kind of destination, by the name that the API takes. */
export const DESTINATIONS: ReadonlyMap<string, DestinationKind> = new Map(
  [webhook].map((kind) => [kind.name, kind]),
);
