import { formatInstant } from "../../core/contracts/instant.ts";
import type { JsonObject } from "../../core/json.ts";
import { joinSecrets, type PollSecrets } from "../../pollers/secrets.ts";
import type { Sender, SourceAuth } from "../../senders/sender.ts";
import type { Log } from "../log.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { readJson } from "./body.ts";
import { answerWholeList } from "./listing.ts";
import { problem } from "./problem.ts";
import { answerControl, controlBookmark, controlReaderOf } from "./reader.ts";
import type { Act } from "../act.ts";
import { actOf, type ApiContext, IDENTIFIER, param, type Route } from "./route.ts";
import {
  agree,
  closedAddresses,
  keyFaults,
  RotateBody,
  secretFaults,
  SourceBody,
  type SourceTerms,
} from "./source-body.ts";
import { limitReached } from "./limits.ts";
import { maskSecret } from "./secrets.ts";
import { changedMeanwhile, identifierInvalid } from "./tenants.ts";

interface SourceName {
  readonly tenant: string;
  readonly source: string;
}

interface SourceSettings extends SourceName {
  readonly sender: string;
  readonly auth: SourceAuth;
  readonly options: JsonObject;
  /** The secrets of `options.poll`, which stand in it where it is written. */
  readonly pollSecrets?: PollSecrets;
  readonly pausedMs?: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

type SourceChange =
  | ({ readonly kind: "created" | "updated"; readonly source: SourceSettings } & Marked)
  | { readonly kind: "missing" | "raced" }
  | { readonly kind: "full"; readonly limit: number };

type SourceRemoval =
  | ({ readonly kind: "removed" } & Marked)
  | { readonly kind: "missing" }
  | { readonly kind: "raced" };

/** What the routes of sources need to be stored. */
interface Sources {
  /** From the primary. */
  get(name: SourceName): Promise<SourceSettings | undefined>;
  read(reader: ControlReader, source: string): Promise<Reading<SourceSettings | undefined>>;
  /** By name. */
  list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly SourceSettings[]>>;
  put(write: SourceName & SourceTerms, act: Act): Promise<SourceChange>;
  rotate(
    name: SourceName,
    rotation: { secret: string; keep: number },
    act: Act,
  ): Promise<SourceChange>;
  pause(name: SourceName, act: Act): Promise<SourceChange>;
  resume(name: SourceName, act: Act): Promise<SourceChange>;
  remove(name: SourceName, act: Act): Promise<SourceRemoval>;
}

export interface SourcePorts {
  readonly sources: Sources;
  readonly senders: ReadonlyMap<string, Sender>;
  readonly environment: string;
  /**
   * Sees to it that what was held is let in once the source goes on or is gone, whoever dies meanwhile.
   * Where it stays paused after all, that changes nothing.
   */
  readonly beforeResume: (source: HeldAt) => Promise<void>;
  /** Lets in what was held while the source was paused, as much of it as can be at once. */
  readonly onResume: (source: HeldAt) => Promise<void>;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** A source, and where its deliveries are held. */
interface HeldAt extends SourceName {
  readonly shard: number;
}

/** `/v1/tenants/{t}/sources` and what is under it, `explain` excepted. */
export function sourceRoutes(ports: SourcePorts): readonly Route[] {
  const list = "/v1/tenants/:tenant/sources";
  const path = `${list}/:source`;
  const write = { permission: "source:write" } as const;
  const read = { permission: "source:read" } as const;
  const { sources, nowMs } = ports;

  async function get(c: ApiContext): Promise<Response> {
    const reader = controlReaderOf(c);
    if (!reader.ok) return reader.refusal;
    const found = await sources.read(reader.value, param(c, "source"));
    if (found.value === undefined) return problem("not_found");
    return answerControl(c, show(found.value), found);
  }

  async function remove(c: ApiContext): Promise<Response> {
    // What was answered 202 while it was paused is let in: the source is gone, the promise is not.
    if (!(await announce(ports, c))) return problem("not_found");
    const removal = await sources.remove(nameOf(c), actOf(c, nowMs()));
    if (removal.kind === "raced") return changedMeanwhile();
    if (removal.kind === "missing") return problem("not_found");
    await letIn(ports, c);
    return new Response(null, { status: 204, headers: controlBookmark(c.get("tenant"), removal) });
  }

  async function resume(c: ApiContext): Promise<Response> {
    if (!(await announce(ports, c))) return problem("not_found");
    const change = await sources.resume(nameOf(c), actOf(c, nowMs()));
    if (change.kind === "updated") await letIn(ports, c);
    return answer(c, change);
  }

  return [
    { ...read, method: "GET", path: list, handle: (c) => listSources(ports, c) },
    { ...read, method: "GET", path, handle: get },
    { ...write, method: "PUT", path, handle: (c) => putSource(ports, c) },
    { ...write, method: "DELETE", path, handle: remove },
    { ...write, method: "POST", path: `${path}/rotate`, handle: (c) => rotateSource(ports, c) },
    {
      ...write,
      method: "POST",
      path: `${path}/pause`,
      handle: async (c) => answer(c, await sources.pause(nameOf(c), actOf(c, nowMs()))),
    },
    { ...write, method: "POST", path: `${path}/resume`, handle: resume },
  ];
}

/** Before the change itself: behind it, nobody would do this again. False without such a source. */
async function announce({ sources, beforeResume }: SourcePorts, c: ApiContext): Promise<boolean> {
  if ((await sources.get(nameOf(c))) === undefined) return false;
  await beforeResume(heldAt(c));
  return true;
}

/** The change is saved by now: what fails of this is no failure of it, and comes with the next run. */
async function letIn({ onResume, log }: SourcePorts, c: ApiContext): Promise<void> {
  try {
    await onResume(heldAt(c));
  } catch (error) {
    log("warn", "held_not_let_in", { ...nameOf(c), error });
  }
}

function listSources({ sources }: SourcePorts, c: ApiContext): Promise<Response> {
  return answerWholeList(c, sources, { show, at: placeOf });
}

async function putSource(ports: SourcePorts, c: ApiContext): Promise<Response> {
  const name = nameOf(c);
  if (!IDENTIFIER.test(name.source)) return identifierInvalid("source");
  const body = await readJson(c, SourceBody);
  if (!body.ok) return body.refusal;
  const terms = agree(ports.senders, body.value);
  if (!terms.ok) return problem("invalid", { errors: terms.refusal });
  const { sender } = terms.value;
  const closed = closedAddresses(terms.value.options, ports.environment);
  const faults = [...closed, ...(await faultsOfKeys(ports.senders.get(sender), terms.value))];
  if (faults.length > 0) return problem("invalid", { errors: faults });
  return answer(c, await ports.sources.put({ ...name, ...terms.value }, actOf(c, ports.nowMs())));
}

async function rotateSource(ports: SourcePorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, RotateBody);
  if (!body.ok) return body.refusal;
  const name = nameOf(c);
  const settings = await ports.sources.get(name);
  if (settings === undefined) return problem("not_found");
  const sender = ports.senders.get(settings.sender);
  const { secret } = body.value;
  const placed = { secret, path: "secret", options: settings.options };
  const errors = sender && secretFaults(sender, settings.auth.scheme, placed);
  if (errors !== undefined && errors.length > 0) return problem("invalid", { errors });
  const { scheme } = settings.auth;
  const faults = sender && (await keyFaults(sender, scheme, [placed]));
  if (faults !== undefined && faults.length > 0) return problem("invalid", { errors: faults });
  return answer(c, await ports.sources.rotate(name, body.value, actOf(c, ports.nowMs())));
}

const faultsOfKeys = async (sender: Sender | undefined, { auth, options }: SourceTerms) => {
  const { scheme, secrets } = auth;
  const placed = secrets.map((secret, index) => {
    const path = `auth.secrets[${index}]`;
    return { secret, path, options };
  });
  return sender === undefined ? [] : keyFaults(sender, scheme, placed);
};

const nameOf = (c: ApiContext): SourceName => ({
  tenant: param(c, "tenant"),
  source: param(c, "source"),
});

const heldAt = (c: ApiContext): HeldAt => ({ ...nameOf(c), shard: c.get("tenant").shard });

const placeOf = ({ source }: SourceSettings): string => source;

function answer(c: ApiContext, change: SourceChange): Response {
  if (change.kind === "full") return limitReached("sources", change.limit);
  if (!("source" in change)) {
    return change.kind === "missing" ? problem("not_found") : changedMeanwhile();
  }
  const status = change.kind === "created" ? 201 : 200;
  const headers = controlBookmark(c.get("tenant"), change);
  return Response.json(show(change.source), { status, headers });
}

function show({ source, sender, auth, pollSecrets, pausedMs, ...rest }: SourceSettings) {
  const { options, ...times } = rest;
  return {
    source,
    sender,
    options: joinSecrets(options, pollSecrets, maskSecret),
    auth: { scheme: auth.scheme, secrets: auth.secrets.map(maskSecret), url: auth.url },
    state: pausedMs === undefined ? "active" : "paused",
    paused_at: pausedMs === undefined ? undefined : formatInstant(pausedMs),
    created_at: formatInstant(times.createdMs),
    updated_at: formatInstant(times.updatedMs),
  };
}
