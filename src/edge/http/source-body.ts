import * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import { addressesIn, checkPoll } from "../../pollers/check.ts";
import { splitSecrets } from "../../pollers/secrets.ts";
import { pollSettingsOf } from "../../pollers/settings.ts";
import type { Sender, SourceAuth } from "../../senders/sender.ts";
import { closedAddress, WebAddress } from "../web-address.ts";
import { KeptSecrets, maskedFault, Secret, SECRETS_MAX } from "./secrets.ts";

export const SourceBody = z.strictObject({
  sender: z.string(),
  auth: z.strictObject({
    scheme: z.string().exactOptional(),
    secrets: z.array(Secret).min(1).max(SECRETS_MAX),
    url: WebAddress.exactOptional(),
  }),
  options: z
    .custom<JsonObject>(isObject, {
      message: "Must be of type object",
      params: { rule: "type" },
    })
    .exactOptional(),
});

export const RotateBody = z.strictObject({
  secret: Secret,
  keep: KeptSecrets,
});

/** A source's body that its sender has agreed to. */
export interface SourceTerms {
  readonly sender: string;
  readonly auth: SourceAuth;
  readonly options: JsonObject;
}

/** Holds a source's body against its sender: is there such a one, can it use scheme and secrets. */
export function agree(
  senders: ReadonlyMap<string, Sender>,
  { sender: name, auth, options = {} }: z.infer<typeof SourceBody>,
): Result<SourceTerms, readonly Violation[]> {
  const sender = senders.get(name);
  if (sender === undefined) return refuse([notOneOf("sender", senders.keys())]);
  const scheme = auth.scheme ?? sender.defaultScheme;
  if (!Object.hasOwn(sender.schemes, scheme)) {
    return refuse([notOneOf("auth.scheme", Object.keys(sender.schemes))]);
  }
  const faults = auth.secrets.flatMap((secret, index) =>
    secretFaults(sender, scheme, { secret, path: `auth.secrets[${index}]`, options }),
  );
  const odd = oddMembers(options);
  faults.push(...(odd.length > 0 ? odd : optionFaults(sender, options, scheme)));
  if (faults.length > 0) return refuse(faults);
  const { secrets, url } = auth;
  const checked = { scheme, secrets, ...(url === undefined ? {} : { url }) };
  return ok({ sender: name, auth: checked, options });
}

/** `poll` is ours, whatever the product; the rest is its sender's. */
function optionFaults(sender: Sender, options: JsonObject, scheme: string): readonly Violation[] {
  const { poll, ...own } = options;
  const faults = sender.checkOptions(own, scheme);
  if (poll === undefined) return faults;
  const masked = Object.entries(splitSecrets(options).secrets ?? {}).flatMap(
    ([member, secret]) => maskedFault(`options.poll.auth.${member}`, secret) ?? [],
  );
  return [...faults, ...(masked.length > 0 ? masked : checkPoll(poll, sender.name))];
}

/** Addresses to which no credential goes: in the clear, or inside of a network. */
export function closedAddresses(options: JsonObject, environment: string): readonly Violation[] {
  const settings = pollSettingsOf(options, undefined);
  if (settings === undefined) return [];
  return addressesIn(settings).flatMap((address) => closedAddress(address, environment) ?? []);
}

/** A secret where it stands, and the options of its source. */
interface Placed {
  readonly secret: string;
  readonly path: string;
  readonly options: JsonObject;
}

/** What is wrong with one secret. Says nothing of its text. */
export function secretFaults(
  sender: Sender,
  scheme: string,
  { secret, path, options }: Placed,
): readonly Violation[] {
  const masked = maskedFault(path, secret);
  if (masked !== undefined) return [masked];
  const fault = sender.schemes[scheme]?.checkSecret(secret, options);
  return fault === undefined ? [] : [{ path, rule: "secret", message: fault }];
}

const OPTIONS_DEPTH_MAX = 20;

/** What no option holds: looked at first, as a schema that may nest calls itself for each level. */
function oddMembers(options: JsonObject): readonly Violation[] {
  const faults: Violation[] = [];
  const walk = (container: object, path: string, depth: number): void => {
    if (depth > OPTIONS_DEPTH_MAX) {
      const message = `Must be at most ${OPTIONS_DEPTH_MAX} levels deep`;
      if (faults.length === 0) faults.push({ path, rule: "depth", message });
      return;
    }
    for (const [name, member] of Object.entries(container)) {
      if (name === "__proto__") {
        faults.push({ path, rule: "name", message: "No member can be called __proto__" });
      } else if (typeof member === "object" && member !== null) {
        walk(member, `${path}.${name}`, depth + 1);
      }
    }
  };
  walk(options, "options", 1);
  return faults.map((fault) => ({ ...fault, path: fault.path.slice(0, 300) }));
}

/** What only using the keys shows: a key of another kind, a point on no curve. */
export async function keyFaults(
  sender: Sender,
  scheme: string,
  secrets: readonly Placed[],
): Promise<readonly Violation[]> {
  const { tryKey } = sender.schemes[scheme] ?? {};
  if (tryKey === undefined) return [];
  const faults: Violation[] = [];
  for (const { secret, path, options } of secrets) {
    const fault = await tryKey(secret, options);
    if (fault !== undefined) faults.push({ path, rule: "secret", message: fault });
  }
  return faults;
}

const notOneOf = (path: string, names: Iterable<string>): Violation => ({
  path,
  rule: "enum",
  message: `Must be one of ${[...names].join(", ")}`,
});

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
