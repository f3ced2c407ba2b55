import { readEnvelopes } from "./read/envelopes.ts";
import { noOptions } from "./read/options.ts";
import type { Sender } from "./sender.ts";
import { jwtBearer } from "./verify/jwt.ts";

/** Our own contract under a bearer JWT, which vouches for the sender and not for the body. */
export const jwt: Sender = {
  name: "jwt",
  family: "contract",
  defaultScheme: "jwt-bearer",
  schemes: { "jwt-bearer": jwtBearer },
  readHeaders: ["webhook-id"],
  checkOptions: noOptions,
  read: (delivery, context) => readEnvelopes(delivery, context, delivery.header("webhook-id")),
};
