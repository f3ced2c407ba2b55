import * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";

export const SECRETS_MAX = 10;
const SECRET_CHARS_MAX = 16_384;
/** Shorter secrets show nothing: four characters would be half of them. */
const SECRET_CHARS_SHOWN_MIN = 8;

export const Secret = z.string().min(1).max(SECRET_CHARS_MAX);

/** How many of the older secrets stay valid once a new one is there. */
export const KeptSecrets = z
  .int()
  .min(0)
  .max(SECRETS_MAX - 1)
  .default(1);

const MASK = "…";

/** All that is ever shown of a secret: enough to tell two of them apart. */
export const maskSecret = (secret: string): string =>
  secret.length < SECRET_CHARS_SHOWN_MIN ? MASK : MASK + secret.slice(-4);

/** Somebody sends back what a GET has shown. */
export const maskedFault = (path: string, secret: string): Violation | undefined =>
  secret.startsWith(MASK)
    ? { path, rule: "masked", message: "Must be the secret itself, not what is shown of it" }
    : undefined;
