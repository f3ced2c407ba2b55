import * as z from "zod";
import { parseIntakes } from "./edge/shards.ts";

const KEY_BYTES = 32;
/** It opens every tenant, so it must not be guessed; on one's own machine it may be short. */
const TOKEN_CHARS_MIN = 32;

/** Variables and secrets, read once: what is missing stops the Worker before its first request. */
export interface Config {
  readonly environment: string;
  /** What each shard takes in, in the order of its bindings. */
  readonly intakes: ReturnType<typeof parseIntakes>;
  /** Newest first: the first one wraps, every one unwraps. */
  readonly masterKeys: readonly Uint8Array[];
  readonly adminToken: string;
  /** How long both sides of a line must have rested before a difference is a break. */
  readonly graceMs: number;
}

const MasterKeys = z.string().transform((text, context) => {
  const keys = text.split(",").map((part) => readKey(part.trim()));
  const broken = keys.findIndex((key) => key === undefined);
  if (broken < 0) return keys.filter((key) => key !== undefined);
  context.addIssue({
    code: "custom",
    message: `key ${broken + 1} must be base64 of ${KEY_BYTES} bytes`,
  });
  return z.NEVER;
});

/** DOMAIN §8: at least a quarter of an hour, except on one's own machine. */
const GRACE_S_MIN = 900;

const Variables = z
  .object({
    ENVIRONMENT: z.string().min(1),
    SHARDS: z.string().min(1).transform(parseIntakes),
    MASTER_KEY: MasterKeys,
    ADMIN_TOKEN: z.string().min(1),
    RECONCILIATION_GRACE_S: z.coerce.number().int().min(0).max(86_400).default(GRACE_S_MIN),
  })
  .refine((given) => given.ENVIRONMENT === "local" || given.ADMIN_TOKEN.length >= TOKEN_CHARS_MIN, {
    path: ["ADMIN_TOKEN"],
    message: `must have at least ${TOKEN_CHARS_MIN} characters`,
  })
  .refine((given) => given.ENVIRONMENT === "local" || given.RECONCILIATION_GRACE_S >= GRACE_S_MIN, {
    path: ["RECONCILIATION_GRACE_S"],
    message: `must be at least ${GRACE_S_MIN}`,
  });

/** Reads the environment. Throws one error that names everything missing, and quotes no value. */
export function readConfig(env: object): Config {
  const parsed = Variables.safeParse(env);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`Cannot read the configuration: ${wrong.join("; ")}`);
  }
  const { ENVIRONMENT, SHARDS, MASTER_KEY, ADMIN_TOKEN, RECONCILIATION_GRACE_S } = parsed.data;
  return {
    environment: ENVIRONMENT,
    intakes: SHARDS,
    masterKeys: MASTER_KEY,
    adminToken: ADMIN_TOKEN,
    graceMs: RECONCILIATION_GRACE_S * 1000,
  };
}

// Buffer skips what is no base64, so only text that reads back the same is believed.
function readKey(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  const isSame = bytes.toString("base64") === text;
  return isSame && bytes.length === KEY_BYTES ? new Uint8Array(bytes) : undefined;
}
