import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { parseItem } from "structured-headers";
import { ok, refuse, type Result } from "../../core/result.ts";
import type { Caller } from "../control/directory.ts";
import {
  type Claim,
  type Claiming,
  ClaimLost,
  type Idempotency,
  type KeptAnswer,
  type KeyedWrite,
} from "../idempotency.ts";
import { isReadOutage } from "../outage.ts";
import { Overloaded } from "../overloaded.ts";
import { within } from "../within.ts";
import { replace } from "./frame.ts";
import { isHarmless, isUndecided, OutcomeUnknown, type PatientPorts } from "./patient.ts";
import { problem } from "./problem.ts";
import { type ApiContext, type ApiEnv, param, type Route } from "./route.ts";

const HEADER = "Idempotency-Key";
const REPLAYED = "Idempotency-Replayed";
const KEY_CHARS_MAX = 255;

/** Answers longer than this are not kept: who asks again is told so, and nothing is done twice. */
export const KEPT_BYTES_MAX = 64 * 1024;

/** Nobody waits longer for a key's row: together with the write itself less than a claim lasts. */
const ROW_MS_MAX = 10_000;

export interface IdempotencyPorts extends PatientPorts {
  readonly idempotency: Idempotency;
  readonly nowMs: () => number;
}

/**
 * Does a write that names an `Idempotency-Key` once (draft-ietf-httpapi-idempotency-key-header):
 * the same one again has the first one's answer. It stands behind access and the body's bound, and
 * costs nothing without the header.
 */
export function idempotent(ports: IdempotencyPorts, route: Route): MiddlewareHandler<ApiEnv>[] {
  if (route.method === "GET" || route.permission === "public") return [];
  return [
    async (c, next) => {
      const header = c.req.header(HEADER);
      if (header === undefined) return next();
      const key = readKey(header);
      if (!key.ok) return key.refusal;
      const write = await writeOf(c, key.value);
      const claiming = await claimInTime(ports, write);
      if (claiming.kind !== "claimed") return REFUSALS[claiming.kind](claiming);
      const { claim } = claiming;
      c.set("claim", route.isRepeatable === true ? { ...claim, isRepeatable: true } : claim);
      await next();
      await conclude(ports, c, { claim, route });
    },
  ];
}

/** A string of RFC 9651 §3.3.3, or bare as Stripe's clients send it: the same key either way. */
function readKey(header: string): Result<string, Response> {
  const key = header.startsWith('"') ? quoted(header) : bare(header);
  return key === undefined || key.length > KEY_CHARS_MAX || key === ""
    ? refuse(problem("parameter_invalid", { errors: [KEY_FAULT] }))
    : ok(key);
}

const KEY_FAULT = {
  path: HEADER,
  rule: "format",
  message: `Must be one string of RFC 9651 ("…"), or bare without spaces, commas and quotes; 1 to ${KEY_CHARS_MAX} printable ASCII characters`,
};

function quoted(header: string): string | undefined {
  try {
    const [value] = parseItem(header);
    return typeof value === "string" ? value : undefined;
  } catch {
    // No structured field.
    return undefined;
  }
}

/** Several headers of the name arrive joined by commas: they are no key. */
const bare = (header: string): string | undefined =>
  /^[!-~]+$/.test(header) && !/[",]/.test(header) ? header : undefined;

async function writeOf(c: ApiContext, key: string): Promise<KeyedWrite> {
  const { pathname, search } = new URL(c.req.url);
  const fingerprint = createHash("sha256")
    .update(`${c.req.method} ${pathname}${search}\n`)
    .update(new Uint8Array(await c.req.arrayBuffer()))
    .digest("hex");
  return { tenant: param(c, "tenant"), caller: nameOf(c.get("caller")), key, fingerprint };
}

/**
 * One caller's keys are nothing to another, nor are those of one distributor to the next. Nor is what
 * somebody may do now to what it could do before: the answer may show more than it may see.
 */
const nameOf = ({ tenant, keyId, subject = "", role, scopes, isMasked = false }: Caller): string =>
  JSON.stringify([tenant, keyId, subject, role, scopes?.toSorted() ?? null, isMasked]);

const REFUSALS = {
  answered: (claiming: Claiming) => ("answer" in claiming ? replay(claiming.answer) : lost()),
  lost: () => lost(),
  reused: () =>
    problem("idempotency_key_reused", {
      detail: "Each write needs a key of its own; the method, path and body must stay the same",
    }),
  in_progress: () => problem("idempotency_in_progress", { headers: { "Retry-After": "1" } }),
};

const lost = (): Response =>
  problem("idempotency_answer_lost", { headers: { [REPLAYED]: "true" } });

function replay({ status, headers, body }: KeptAnswer): Response {
  if (body === undefined) return lost();
  const answer = new Response(body === "" ? null : Buffer.from(body, "base64"), { status });
  for (const [name, value] of headers) answer.headers.set(name, value);
  answer.headers.set(REPLAYED, "true");
  return answer;
}

/**
 * What was decided is kept. What was not (another write came between, the role changed, too many
 * requests, a failure of ours) left nothing, and is judged anew when it comes again; so is what was
 * refused for its headers, which are no part of the fingerprint.
 */
const isDecided = (status: number): boolean =>
  (status >= 200 && status < 300) ||
  (status >= 400 && status < 500 && ![401, 403, 409, 415, 429].includes(status));

async function claimInTime(ports: IdempotencyPorts, write: KeyedWrite): Promise<Claiming> {
  const claiming = ports.idempotency.claim(write, ports.nowMs());
  try {
    return await within(ROW_MS_MAX, () => claiming);
  } catch (error) {
    if (!isReadOutage(error)) throw error;
    // Nothing was begun, so a claim that comes too late is given back.
    const late = async (made: Claiming): Promise<void> => {
      if (made.kind === "claimed") await release(ports, made.claim);
    };
    ports.aside(claiming.then(late, () => undefined));
    throw new Overloaded("Cannot claim an Idempotency-Key: D1 is out", { cause: error });
  }
}

async function release({ idempotency, log }: IdempotencyPorts, claim: Claim): Promise<void> {
  await idempotency.release(claim).catch((error: unknown) => {
    log("error", "idempotency.not_kept", { tenant: claim.tenant, error });
  });
}

interface Claimed {
  readonly claim: Claim;
  readonly route: Route;
}

/** Says what the key stands for from now on. The answer does not wait for that longer than it may. */
async function conclude(ports: IdempotencyPorts, c: ApiContext, claimed: Claimed): Promise<void> {
  const { error } = c;
  if (error instanceof ClaimLost) return replace(c, REFUSALS.in_progress());
  const isOpen = error instanceof OutcomeUnknown && claimed.route.isRepeatable !== true;
  if (isOpen) return ports.aside(awaitOutcome(ports, error, claimed));
  const keeping = keep(ports, c.res, claimed);
  ports.aside(keeping);
  await within(ROW_MS_MAX, () => keeping).catch((late: unknown) => {
    ports.log("warn", "idempotency.kept_late", { tenant: claimed.claim.tenant, error: late });
  });
}

/**
 * Until it is known whether the write was done its key stays taken: a repetition is told neither that it
 * was, nor to do it. Where it never gets known, that is until the claim runs out. What is known to have
 * failed is let go of, unless it was saved before that: see the store.
 */
async function awaitOutcome(
  ports: IdempotencyPorts,
  { outcome }: OutcomeUnknown,
  claimed: Claimed,
): Promise<void> {
  try {
    await keep(ports, await outcome, claimed);
  } catch (error) {
    if (!isUndecided(error)) await release(ports, claimed.claim);
  }
}

async function keep(
  ports: IdempotencyPorts,
  answer: Response,
  { claim, route }: Claimed,
): Promise<void> {
  const { idempotency, log } = ports;
  const { status, headers } = answer;
  try {
    if (route.isRepeatable === true || !isDecided(status)) return await idempotency.release(claim);
    const body = Buffer.from(await answer.clone().arrayBuffer());
    const isKept = body.length <= KEPT_BYTES_MAX;
    // What changes nothing may be done again where its answer was too long.
    if (!isKept && isHarmless(route)) return await idempotency.release(claim);
    const kept = isKept ? { body: body.toString("base64") } : {};
    await idempotency.settle(claim, { status, headers: [...headers], ...kept });
  } catch (error) {
    // The write is done and its caller is told; its repetition waits until the claim runs out, and is
    // then told that it is done, or does once more what bears that.
    log("error", "idempotency.not_kept", { tenant: claim.tenant, error });
  }
}
