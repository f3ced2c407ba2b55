import { hubspot } from "./hubspot.ts";
import { jwt } from "./jwt.ts";
import type { Sender } from "./sender.ts";
import { standard } from "./standard.ts";
import { stripe } from "./stripe.ts";

/** Every sender the gateway speaks. Adding one is a file, an import, a name here and its vectors. */
const senders: readonly Sender[] = [standard, jwt, stripe, hubspot];

/** Other names that a source may give: the same sender under what people call it. */
const ALIASES: Readonly<Record<string, string>> = {
  "standard-webhooks": "standard",
  svix: "standard",
};

const byName = new Map(senders.map((sender) => [sender.name, sender]));

export const SENDERS: ReadonlyMap<string, Sender> = new Map([
  ...byName,
  ...Object.entries(ALIASES).flatMap(([alias, name]) => {
    const sender = byName.get(name);
    return sender === undefined ? [] : [[alias, sender] as const];
  }),
]);
