import type { Json, JsonObject } from "../core/json.ts";

/** Members of `auth` that are secrets. */
const SECRET_MEMBERS = ["token", "password", "value", "client_secret", "refresh_token"] as const;

/** The secrets of `options.poll.auth`, by member. They are sealed where a source's others are. */
export type PollSecrets = Readonly<Record<string, string>>;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function authIn({ poll }: JsonObject): { poll: JsonObject; auth: JsonObject } | undefined {
  if (!isObject(poll) || !isObject(poll["auth"])) return undefined;
  return { poll, auth: poll["auth"] };
}

/** Takes the secrets out of a source's options. */
export function splitSecrets(options: JsonObject): {
  readonly options: JsonObject;
  readonly secrets: PollSecrets | undefined;
} {
  const found = authIn(options);
  if (found === undefined) return { options, secrets: undefined };
  const secrets: Record<string, string> = {};
  const open: Record<string, Json> = {};
  for (const [member, value] of Object.entries(found.auth)) {
    const isSecret = SECRET_MEMBERS.some((name) => name === member);
    if (isSecret && typeof value === "string") secrets[member] = value;
    else open[member] = value;
  }
  return { options: { ...options, poll: { ...found.poll, auth: open } }, secrets };
}

/** Puts something into the secrets' places: themselves, or what is shown of them. */
export function joinSecrets(
  options: JsonObject,
  secrets: PollSecrets | undefined,
  shown: (secret: string) => string = (secret) => secret,
): JsonObject {
  const found = authIn(options);
  if (found === undefined || secrets === undefined) return options;
  const members = Object.entries(secrets).map(([name, secret]) => [name, shown(secret)] as const);
  const auth = { ...found.auth, ...Object.fromEntries(members) };
  return { ...options, poll: { ...found.poll, auth } };
}
