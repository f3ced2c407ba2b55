import { formatInstant } from "../../core/contracts/instant.ts";
import type { Act } from "../act.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { readJson } from "./body.ts";
import {
  agreeOn,
  DestinationBody,
  type DestinationRules,
  RotateDestinationBody,
  secretFault,
} from "./destination-body.ts";
import { countReached } from "./limits.ts";
import { answerControlOne, answerWholeList } from "./listing.ts";
import { problem } from "./problem.ts";
import { controlBookmark } from "./reader.ts";
import { actOf, type ApiContext, IDENTIFIER, param, type Route } from "./route.ts";
import { maskSecret } from "./secrets.ts";
import { changedMeanwhile, identifierInvalid } from "./tenants.ts";

interface DestinationName {
  readonly tenant: string;
  readonly destination: string;
}

interface Destination extends DestinationName {
  readonly kind: string;
  readonly url: string;
  readonly secrets: readonly string[];
  readonly perMinute: number;
  readonly concurrency: number;
  readonly paused?: { readonly sinceMs: number; readonly why: "person" | "gone" };
  readonly createdMs: number;
  readonly updatedMs: number;
}

interface DestinationWrite extends Pick<
  Destination,
  "tenant" | "destination" | "kind" | "url" | "perMinute" | "concurrency"
> {
  /** Absent: those that there are stay. */
  readonly secrets?: readonly string[];
  /** Signs where no secrets are given and there are none of this kind yet. */
  readonly made: string;
}

type DestinationChange =
  | ({ readonly kind: "created" | "updated"; readonly destination: Destination } & Marked)
  | { readonly kind: "missing" | "raced" }
  | { readonly kind: "full"; readonly limit: number };

type DestinationRemoval =
  | ({ readonly kind: "removed" } & Marked)
  | { readonly kind: "missing" }
  | { readonly kind: "raced" };

/** What the routes of destinations need to be stored. */
interface Destinations {
  /** From the primary. */
  get(name: DestinationName): Promise<Destination | undefined>;
  read(reader: ControlReader, destination: string): Promise<Reading<Destination | undefined>>;
  /** By name. */
  list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly Destination[]>>;
  put(write: DestinationWrite, act: Act): Promise<DestinationChange>;
  rotate(
    name: DestinationName,
    rotation: { secret: string; keep: number },
    act: Act,
  ): Promise<DestinationChange>;
  pause(name: DestinationName, act: Act): Promise<DestinationChange>;
  resume(name: DestinationName, act: Act): Promise<DestinationChange>;
  /** With its subscriptions. */
  remove(name: DestinationName, act: Act): Promise<DestinationRemoval>;
}

export interface DestinationPorts extends DestinationRules {
  readonly destinations: Destinations;
  /**
   * Tells a destination's object that it stands differently now. Nobody waits for it: where it fails,
   * cron tells it later.
   */
  readonly wake: (place: DestinationName & { readonly shard: number }) => void;
  /** What an isolate knows of a tenant's destinations and subscriptions is no longer so. */
  readonly changed: (tenant: string) => void;
  readonly nowMs: () => number;
}

/** `/v1/tenants/{t}/destinations` and what is under it. */
export function destinationRoutes(ports: DestinationPorts): readonly Route[] {
  const list = "/v1/tenants/:tenant/destinations";
  const path = `${list}/:destination`;
  const write = { permission: "destination:write" } as const;
  const read = { permission: "destination:read" } as const;
  const { destinations, nowMs } = ports;

  const pause = async (c: ApiContext) =>
    answer(ports, c, { change: await destinations.pause(nameOf(c), actOf(c, nowMs())) });
  const resume = async (c: ApiContext) =>
    answer(ports, c, { change: await destinations.resume(nameOf(c), actOf(c, nowMs())) });

  return [
    { ...read, method: "GET", path: list, handle: (c) => listDestinations(ports, c) },
    { ...read, method: "GET", path, handle: (c) => getDestination(ports, c) },
    { ...write, method: "PUT", path, handle: (c) => putDestination(ports, c) },
    { ...write, method: "DELETE", path, handle: (c) => removeDestination(ports, c) },
    { ...write, method: "POST", path: `${path}/rotate`, handle: (c) => rotate(ports, c) },
    { ...write, method: "POST", path: `${path}/pause`, handle: pause },
    { ...write, method: "POST", path: `${path}/resume`, handle: resume },
  ];
}

function listDestinations({ destinations }: DestinationPorts, c: ApiContext) {
  return answerWholeList(c, destinations, { show, at: placeOf });
}

function getDestination({ destinations }: DestinationPorts, c: ApiContext) {
  return answerControlOne(c, (reader) => destinations.read(reader, param(c, "destination")), show);
}

async function putDestination(ports: DestinationPorts, c: ApiContext): Promise<Response> {
  const name = nameOf(c);
  if (!IDENTIFIER.test(name.destination)) return identifierInvalid("destination");
  const body = await readJson(c, DestinationBody);
  if (!body.ok) return body.refusal;
  const terms = agreeOn(ports, body.value);
  if (!terms.ok) return problem("invalid", { errors: terms.refusal });
  const { kind, url } = terms.value;
  const { auth, per_minute: perMinute, concurrency } = body.value;
  const made = kind.makeSecret();
  const stated = { kind: kind.name, url, perMinute, concurrency, made };
  const secrets = auth === undefined ? {} : { secrets: auth.secrets };
  const write = { ...name, ...stated, ...secrets };
  const change = await ports.destinations.put(write, actOf(c, ports.nowMs()));
  return answer(ports, c, { change, made });
}

async function rotate(ports: DestinationPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, RotateDestinationBody);
  if (!body.ok) return body.refusal;
  const name = nameOf(c);
  const stored = await ports.destinations.get(name);
  const kind = stored && ports.kinds.get(stored.kind);
  if (kind === undefined) return problem("not_found");
  const { secret: given, keep } = body.value;
  const fault = given === undefined ? undefined : secretFault(kind, "secret", given);
  if (fault !== undefined) return problem("invalid", { errors: [fault] });
  const made = given === undefined ? { made: kind.makeSecret() } : {};
  const rotation = { secret: given ?? made.made ?? "", keep };
  const change = await ports.destinations.rotate(name, rotation, actOf(c, ports.nowMs()));
  return answer(ports, c, { change, ...made });
}

async function removeDestination(ports: DestinationPorts, c: ApiContext): Promise<Response> {
  const removal = await ports.destinations.remove(nameOf(c), actOf(c, ports.nowMs()));
  if (removal.kind === "raced") return changedMeanwhile();
  if (removal.kind === "missing") return problem("not_found");
  announce(ports, c);
  return new Response(null, { status: 204, headers: controlBookmark(c.get("tenant"), removal) });
}

/** The change is saved by now: what fails of this is no failure of it. */
function announce({ wake, changed }: DestinationPorts, c: ApiContext): void {
  const { tenant, shard } = c.get("tenant");
  changed(tenant);
  wake({ ...nameOf(c), shard });
}

const nameOf = (c: ApiContext): DestinationName => ({
  tenant: param(c, "tenant"),
  destination: param(c, "destination"),
});

const placeOf = ({ destination }: Destination): string => destination;

interface Changed {
  readonly change: DestinationChange;
  /** A secret that was made up in case it would be needed. */
  readonly made?: string;
}

function answer(ports: DestinationPorts, c: ApiContext, { change, made }: Changed): Response {
  if (change.kind === "full") return countReached("destinations", change.limit);
  if (!("destination" in change)) {
    return change.kind === "missing" ? problem("not_found") : changedMeanwhile();
  }
  announce(ports, c);
  const { destination } = change;
  const status = change.kind === "created" ? 201 : 200;
  const headers = controlBookmark(c.get("tenant"), change);
  if (made === undefined || !destination.secrets.includes(made)) {
    return Response.json(show(destination), { status, headers });
  }
  // Shown this once: not even the one who asked for it can read it again.
  const secret = { ...show(destination), secret: made };
  return Response.json(secret, { status, headers: { "Cache-Control": "no-store", ...headers } });
}

function show({ destination, kind, url, secrets, paused, ...rest }: Destination) {
  const { perMinute, concurrency, createdMs, updatedMs } = rest;
  return {
    destination,
    kind,
    url,
    auth: { secrets: secrets.map(maskSecret) },
    per_minute: perMinute,
    concurrency,
    state: paused === undefined ? "active" : STATES[paused.why],
    paused_at: paused === undefined ? undefined : formatInstant(paused.sinceMs),
    created_at: formatInstant(createdMs),
    updated_at: formatInstant(updatedMs),
  };
}

const STATES = { person: "paused", gone: "gone" } as const;
