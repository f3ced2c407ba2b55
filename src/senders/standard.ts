import { readEnvelopes } from "./read/envelopes.ts";
import { noOptions } from "./read/options.ts";
import type { Sender } from "./sender.ts";
import { familyOf, standardWebhooks } from "./verify/standard-webhooks.ts";

/** Our own contract under Standard Webhooks, and under Svix's names of the same headers. */
export const standard: Sender = {
  name: "standard",
  family: "contract",
  defaultScheme: "standard-webhooks-v1",
  schemes: standardWebhooks,
  readHeaders: ["webhook-id", "svix-id"],
  checkOptions: noOptions,
  read: (delivery, context) =>
    readEnvelopes(delivery, context, delivery.header(`${familyOf(delivery)}-id`)),
};
