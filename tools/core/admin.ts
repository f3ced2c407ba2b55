import type { IncomingMessage } from "node:http";
import type { ReferenceCore } from "./core.ts";
import { type Drift, type DriftKind, DRIFTS } from "./drift.ts";
import { type Fault, type FaultKind, FAULTS } from "./faults.ts";
import { badMember, readMembers, requiredMember } from "./member.ts";
import { Problem } from "./problem.ts";

const BODY_BYTES_MAX = 1_000_000;
const COUNT = { min: 1, max: 10_000_000 };
const SEED = { min: 0, max: 2 ** 32 - 1 };
const SAFE = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const NATURAL = { min: 0, max: Number.MAX_SAFE_INTEGER };
const HOUR_MS = 3_600_000;

const keysOf = <Name extends string>(of: Readonly<Record<Name, string>>): readonly Name[] =>
  // Object.keys forgets the names of a record that has no others.
  Object.keys(of).filter((name): name is Name => name in of);

const DRIFT_KINDS: readonly DriftKind[] = keysOf(DRIFTS);
const FAULT_KINDS: readonly FaultKind[] = keysOf(FAULTS);

type Act = (core: ReferenceCore, body: unknown) => unknown;

/** What whoever runs the core can do with it, by method and path. */
const ACTS: Readonly<Record<string, Act>> = {
  "GET /admin": (core) => ({ ...core.state(), drifts: DRIFTS, faults_known: FAULTS }),
  "POST /admin/sales": (core, body) => {
    const members = readMembers(body);
    const nowMs = core.nowMs();
    const lines = requiredMember("lines", members.integer("lines", { ...COUNT, min: 0 }));
    const fromMs = members.instant("from") ?? nowMs - 72 * HOUR_MS;
    const toMs = members.instant("to") ?? nowMs;
    if (toMs <= fromMs) throw badMember("to", "range", "Must be later than from");
    const sales = {
      lines,
      fromMs,
      toMs,
      distributors: members.integer("distributors", COUNT) ?? 100,
      seed: members.integer("seed", SEED) ?? 1,
      currency: members.text("currency") ?? "USD",
      events: members.choice("events", ["none", "told", "waiting", "withheld"]) ?? "waiting",
    };
    if (!/^[A-Z]{3}$/.test(sales.currency)) {
      throw badMember("currency", "currency", "Must be an ISO 4217 code in upper case");
    }
    members.end();
    return { sold: core.sell(sales).length, ...core.state() };
  },
  "POST /admin/drift": (core, body) => ({ line_ids: core.drift(readDrift(body)), ...core.state() }),
  "PUT /admin/faults": (core, body) => {
    if (!Array.isArray(body)) throw badMember("", "type", "Must be a list of faults");
    core.faults.set(body.map((one, at) => readFault(one, `[${at}].`)));
    return core.state();
  },
  "DELETE /admin/faults": (core) => {
    core.faults.set([]);
    return core.state();
  },
  "POST /admin/restore": (core, body) => {
    const members = readMembers(body);
    const to = requiredMember("to_seq", members.integer("to_seq", NATURAL));
    members.end();
    if (to > core.state().as_of_seq) {
      throw badMember("to_seq", "range", `Must be at most ${core.state().as_of_seq}`);
    }
    return { restored_to_seq: core.restore(to), ...core.state() };
  },
  "POST /admin/tell": async (core) => ({ told: await core.tell(), ...core.state() }),
};

function readDrift(body: unknown): Drift {
  const members = readMembers(body);
  const given = {
    lineIds: members.texts("line_ids"),
    atMs: members.instant("at"),
    byMs: members.integer("by_ms", SAFE),
    byMinor: members.integer("by_minor", SAFE),
    fromMs: members.instant("from"),
    toMs: members.instant("to"),
  };
  const drift = {
    kind: requiredMember("kind", members.choice("kind", DRIFT_KINDS)),
    count: members.integer("count", COUNT) ?? 1,
    seed: members.integer("seed", SEED) ?? 1,
    ...present(given),
  };
  members.end();
  return drift;
}

const PATHS = ["/recon/digests", "/recon/balances", "/ledger"] as const;

function readFault(body: unknown, at: string): Fault {
  const members = readMembers(body, at);
  const given = {
    path: members.choice("path", PATHS),
    times: members.integer("times", COUNT),
    after: members.integer("after", NATURAL),
    status: members.integer("status", { min: 200, max: 599 }),
    retry_after_s: members.integer("retry_after_s", NATURAL),
    location: members.text("location"),
    ms: members.integer("ms", NATURAL),
  };
  const kind = requiredMember(`${at}kind`, members.choice("kind", FAULT_KINDS));
  members.end();
  return { kind, ...present(given) };
}

type Present<Given> = { [Name in keyof Given]?: Exclude<Given[Name], undefined> };

/** Without the members that are undefined. */
function present<Given extends object>(given: Given): Present<Given> {
  const copy: Present<Given> = {};
  for (const name of Object.keys(given).filter(
    (key): key is keyof Given & string => key in given,
  )) {
    const value = given[name];
    if (isThere(value)) copy[name] = value;
  }
  return copy;
}

const isThere = <Value>(value: Value): value is Exclude<Value, undefined> => value !== undefined;

/** Answers an administrator; throws a problem for what cannot be done. */
export async function administer(core: ReferenceCore, request: IncomingMessage): Promise<unknown> {
  const { pathname } = new URL(request.url ?? "/", "http://core");
  const act = ACTS[`${request.method} ${pathname}`];
  if (act === undefined) {
    const known = Object.keys(ACTS).join(", ");
    throw new Problem(404, `Nothing is done here. There is ${known}`);
  }
  const body = await readJson(request);
  try {
    return await act(core, body);
  } catch (error) {
    if (error instanceof RangeError) throw new Problem(422, error.message);
    throw error;
  }
}

/** Null where there is no body. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) throw new Problem(413, "The body is too large");
    pieces.push(piece);
  }
  if (bytes === 0) return null;
  try {
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    throw new Problem(400, "The body is no JSON");
  }
}

/** Whether a request comes from this machine: nobody else can administer, token or not. */
export function isLoopback(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
  return address === "::1" || address.startsWith("127.");
}
