import * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import type { DestinationKind } from "../../destinations/destination.ts";
import { ADDRESS_CHARS_MAX, closedAddress, hasEmptyLabel, WebAddress } from "../web-address.ts";
import { repeatedIn } from "./repeated.ts";
import { KeptSecrets, maskedFault, Secret, SECRETS_MAX } from "./secrets.ts";

const PER_MINUTE_MAX = 6000;
const PER_MINUTE_DEFAULT = 600;
/** A Worker has six connections at once. */
const CONCURRENCY_MAX = 6;
const CONCURRENCY_DEFAULT = 4;
const KIND_DEFAULT = "webhook";

export const DestinationBody = z.strictObject({
  kind: z.string().default(KIND_DEFAULT),
  url: WebAddress.refine((text) => !text.includes("#"), {
    abort: true,
    message: "Must have no fragment: it would not be sent",
    params: { rule: "url" },
  }).refine(leadsSomewhere, {
    abort: true,
    message: "Must have a host and a port that there can be",
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

function leadsSomewhere(text: string): boolean {
  const { hostname, port } = new URL(text);
  return port !== "0" && !hasEmptyLabel(hostname.replace(/\.$/, ""));
}

/** Where the address may lead, and by which kinds it can be told. */
export interface DestinationRules {
  readonly kinds: ReadonlyMap<string, DestinationKind>;
  readonly environment: string;
}

/** A destination's body that its kind has agreed to. */
interface DestinationTerms {
  readonly kind: DestinationKind;
  /** Written in the one form in which it is decided upon, kept, shown and sent to. */
  readonly url: string;
}

/** Holds a destination's body against its kind: is there such a one, can it sign, is it reached. */
export function agreeOn(
  { kinds, environment }: DestinationRules,
  { kind: name, url: typed, auth }: z.infer<typeof DestinationBody>,
): Result<DestinationTerms, readonly Violation[]> {
  const kind = kinds.get(name);
  if (kind === undefined) {
    const message = `Must be one of ${[...kinds.keys()].join(", ")}`;
    return refuse([{ path: "kind", rule: "enum", message }]);
  }
  const url = new URL(typed).href;
  const secrets = auth?.secrets ?? [];
  const faults = [
    ...addressFaults(url, environment),
    ...secrets.flatMap((secret, at) => secretFault(kind, `auth.secrets[${at}]`, secret) ?? []),
    ...repeatedIn("auth.secrets", secrets),
  ];
  return faults.length > 0 ? refuse(faults) : ok({ kind, url });
}

function addressFaults(url: string, environment: string): readonly Violation[] {
  const closed = closedAddress({ path: "url", url }, environment);
  if (closed !== undefined) return [closed];
  if (url.length <= ADDRESS_CHARS_MAX) return [];
  const message = `Must be at most ${ADDRESS_CHARS_MAX} characters, percent-encoded as it is sent`;
  return [{ path: "url", rule: "length", message }];
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
