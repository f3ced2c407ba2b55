import type { Violation } from "../core/contracts/event.ts";
import { type Loose, looseOf } from "../senders/read/loose.ts";
import { violationsOf } from "../core/contracts/violation.ts";
import {
  type HttpStream,
  isHttpStream,
  type PollAuth,
  type PollSettings,
  PollShape,
  type StreamSettings,
} from "./settings.ts";

/** Which senders' sources a product can be polled for: its records go through their mapping. */
const SENDERS_OF: Readonly<Record<PollSettings["kind"], readonly string[] | "any">> = {
  hubspot: ["hubspot"],
  salesforce: ["salesforce-cdc", "salesforce-outbound-message"],
  zoho: ["zoho-crm"],
  http: "any",
};

const AT = ["options", "poll"];

/** What is wrong with `options.poll` of a source of this sender, its secrets in their places. */
export function checkPoll(poll: unknown, sender: string): readonly Violation[] {
  const unknown = kindFaults(looseOf(poll));
  if (unknown.length > 0) return unknown;
  const parsed = PollShape.safeParse(poll);
  if (!parsed.success) return violationsOf(parsed.error.issues, { root: AT, value: poll });
  const settings = parsed.data;
  return [
    ...senderFaults(settings, sender),
    ...authFaults(settings),
    ...nameFaults(settings),
    ...settings.streams.flatMap((stream, at) =>
      streamFaults(stream, `options.poll.streams[${at}]`),
    ),
  ];
}

const POLL_KINDS = ["hubspot", "salesforce", "zoho", "http"];
const AUTH_KINDS = ["token", "basic", "header", "refresh_token", "client_credentials"];

/** What says what all the rest has to be: looked at first. */
function kindFaults({ kind, auth }: Loose): Violation[] {
  const given = [
    { path: "options.poll.kind", kind, kinds: POLL_KINDS },
    { path: "options.poll.auth.kind", kind: looseOf(auth)["kind"], kinds: AUTH_KINDS },
  ];
  return given.flatMap((one) => {
    const isKnown = one.kinds.some((name) => name === one.kind);
    // What is not there is told as such.
    if (isKnown || one.kind === undefined) return [];
    return [{ path: one.path, rule: "enum", message: `Must be one of ${one.kinds.join(", ")}` }];
  });
}

function senderFaults({ kind, account }: PollSettings, sender: string): Violation[] {
  const senders = SENDERS_OF[kind];
  if (senders !== "any" && !senders.includes(sender)) {
    const message = `Can poll for a source of ${senders.join(" or ")} alone`;
    return [{ path: "options.poll.kind", rule: "sender", message }];
  }
  if (sender === "salesforce-outbound-message" && account === undefined) {
    const message = "Is required: the organization's id, as its messages bring it";
    return [{ path: "options.poll.account", rule: "required", message }];
  }
  return [];
}

const KINDS_OF_AUTH: Readonly<Record<PollSettings["kind"], readonly PollAuth["kind"][]>> = {
  hubspot: ["token", "refresh_token"],
  salesforce: ["token", "refresh_token", "client_credentials"],
  zoho: ["token", "refresh_token"],
  http: ["token", "basic", "header", "refresh_token", "client_credentials"],
};

function authFaults({ kind, auth }: PollSettings): Violation[] {
  const kinds = KINDS_OF_AUTH[kind];
  if (!kinds.includes(auth.kind)) {
    const message = `Must be one of ${kinds.join(", ")}`;
    return [{ path: "options.poll.auth.kind", rule: "enum", message }];
  }
  const needsUrl =
    kind === "http" && (auth.kind === "refresh_token" || auth.kind === "client_credentials");
  if (!needsUrl || auth.token_url !== undefined) return [];
  return [{ path: "options.poll.auth.token_url", rule: "required", message: "Is required" }];
}

function nameFaults({ streams: given }: PollSettings): Violation[] {
  const seen = new Set<string>();
  return given.flatMap(({ name }, at) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const path = `options.poll.streams[${at}].name`;
    return [{ path, rule: "unique", message: "Must be the name of one stream alone" }];
  });
}

function streamFaults(stream: StreamSettings, path: string): Violation[] {
  const faults: Violation[] = [];
  const fault = (member: string, rule: string, message: string) =>
    faults.push({ path: `${path}.${member}`, rule, message });
  if (stream.every !== undefined && stream.every_s !== undefined) {
    fault("every_s", "exclusive", "Must not stand beside every");
  }
  if (stream.every !== "day" && stream.at !== undefined) {
    fault("at", "unexpected", 'Is for streams with every "day" alone');
  }
  if (stream.every !== "day" && stream.tz !== undefined) {
    fault("tz", "unexpected", 'Is for streams with every "day" alone');
  }
  if (isHttpStream(stream)) httpFaults(stream, fault);
  return faults;
}

function httpFaults(
  stream: HttpStream,
  fault: (member: string, rule: string, message: string) => void,
) {
  const { url, pages, updated_at: updatedAt } = stream;
  const has = (place: string) => url.includes(`{${place}}`);
  placeFaults(url, fault);
  if (has("since") && updatedAt === undefined) {
    fault("updated_at", "required", "Is required where the url has {since}: it moves on by that");
  }
  if (has("day") && stream.every !== "day") {
    fault("url", "place", 'May name {day} with every "day" alone');
  }
  if (has("page") !== (pages?.kind === "page")) {
    fault("pages", "place", 'Must be of kind "page" where the url has {page}, and there alone');
  }
  if (has("cursor") !== (pages?.kind === "token")) {
    fault("pages", "place", 'Must be of kind "token" where the url has {cursor}, and there alone');
  }
}

const PLACES = /\{(?:since|day|page|cursor)\}/g;

function placeFaults(url: string, fault: (member: string, rule: string, message: string) => void) {
  if (/[{}]/.test(url.replaceAll(PLACES, ""))) {
    fault("url", "place", "May name {since} {day} {page} {cursor} and nothing else in braces");
  }
  // An answer must not say who is asked next: the credential would go there.
  const host = url.split(/[/?#]/, 3).join("/");
  if (/[{}]/.test(host)) fault("url", "place", "May name places behind its host alone");
}

/** Every address that a source's options have the gateway ask, with where it stands. */
export function addressesIn(
  settings: PollSettings,
): readonly { readonly path: string; readonly url: string }[] {
  const { base_url: base, auth, streams } = settings;
  const given = [
    { path: "options.poll.base_url", url: base },
    { path: "options.poll.auth.token_url", url: "token_url" in auth ? auth.token_url : undefined },
    ...streams.map((stream, at) => ({
      path: `options.poll.streams[${at}].url`,
      url: isHttpStream(stream) ? stream.url : undefined,
    })),
  ];
  return given.flatMap(({ path, url }) => (url === undefined ? [] : [{ path, url }]));
}
