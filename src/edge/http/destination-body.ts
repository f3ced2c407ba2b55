import * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import type { DestinationKind } from "../../destinations/destination.ts";
import { closedAddress, WebAddress } from "../web-address.ts";
import { KeptSecrets, maskedFault, Secret, SECRETS_MAX } from "./secrets.ts";

const PER_MINUTE_MAX = 6000;
const PER_MINUTE_DEFAULT = 600;
/** A Worker has six connections at once. */
const CONCURRENCY_MAX = 6;
const CONCURRENCY_DEFAULT = 4;
const KIND_DEFAULT = "webhook";

export const DestinationBody = z.strictObject({
  kind: z.string().default(KIND_DEFAULT),
  url: WebAddress.refine((text) => !URL.canParse(text) || !text.includes("#"), {
    message: "Must have no fragment: it would not be sent",
    params: { rule: "url" },
  }),
  auth: z
    .strictObject({ secrets: z.array(Secret).min(1).max(SECRETS_MAX) })
    .exactOptional()
    .describe("Where absent, the secrets that there are stay; a new destination is given one"),
  per_minute: z.int().min(1).max(PER_MINUTE_MAX).default(PER_MINUTE_DEFAULT),
  concurrency: z.int().min(1).max(CONCURRENCY_MAX).default(CONCURRENCY_DEFAULT),
});

export const RotateDestinationBody = z.strictObject({
  secret: Secret.exactOptional().describe("Where absent, one is made, and shown in this answer"),
  keep: KeptSecrets,
});

/** Where the address may lead, and by which kinds it can be told. */
export interface DestinationRules {
  readonly kinds: ReadonlyMap<string, DestinationKind>;
  readonly environment: string;
}

/** Holds a destination's body against its kind: is there such a one, can it sign, is it reached. */
export function kindFor(
  { kinds, environment }: DestinationRules,
  { kind: name, url, auth }: z.infer<typeof DestinationBody>,
): Result<DestinationKind, readonly Violation[]> {
  const kind = kinds.get(name);
  if (kind === undefined) {
    const message = `Must be one of ${[...kinds.keys()].join(", ")}`;
    return refuse([{ path: "kind", rule: "enum", message }]);
  }
  const closed = closedAddress({ path: "url", url }, environment);
  const faults = [
    ...(closed === undefined ? [] : [closed]),
    ...(auth?.secrets ?? []).flatMap(
      (secret, index) => secretFault(kind, `auth.secrets[${index}]`, secret) ?? [],
    ),
  ];
  return faults.length > 0 ? refuse(faults) : ok(kind);
}

/** What is wrong with one secret. Says nothing of its text. */
export function secretFault(
  kind: DestinationKind,
  path: string,
  secret: string,
): Violation | undefined {
  const masked = maskedFault(path, secret);
  if (masked !== undefined) return masked;
  const fault = kind.checkSecret(secret);
  return fault === undefined ? undefined : { path, rule: "secret", message: fault };
}
