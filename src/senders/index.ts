import { hubspot } from "./hubspot.ts";
import { jwt } from "./jwt.ts";
import type { Sender } from "./sender.ts";
import { standard } from "./standard.ts";
import { stripe } from "./stripe.ts";

/** Every sender the gateway speaks. Adding one is a file, an import, a name here and its vectors. */
export const SENDERS: ReadonlyMap<string, Sender> = new Map(
  [standard, jwt, stripe, hubspot].map((sender) => [sender.name, sender]),
);
