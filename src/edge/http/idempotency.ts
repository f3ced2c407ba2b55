import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { parseItem } from "structured-headers";
import { ok, refuse, type Result } from "../../core/result.ts";
import type { Caller } from "../control/directory.ts";
import type { Claim, Claiming, Idempotency, KeptAnswer, KeyedWrite } from "../idempotency.ts";
import type { Log } from "../log.ts";
import { problem } from "./problem.ts";
import { type ApiContext, type ApiEnv, param, type Route } from "./route.ts";

const HEADER = "Idempotency-Key";
const REPLAYED = "Idempotency-Replayed";
const KEY_CHARS_MAX = 255;

/** Answers longer than this are not kept: who asks again is told so, and nothing is done twice. */
export const KEPT_BYTES_MAX = 64 * 1024;

export interface IdempotencyPorts {
  readonly idempotency: Idempotency;
  readonly log: Log;
  readonly nowMs: () => number;
}

/**
 * Does a write that names an `Idempotency-Key` once (draft-ietf-httpapi-idempotency-key-header):
 * the same one again has the first one's answer. It stands behind access and the body's bound, and
 * costs nothing without the header.
 */
export function idempotent(
  ports: IdempotencyPorts,
  { method, permission, isRepeatable }: Route,
): MiddlewareHandler<ApiEnv>[] {
  if (method === "GET" || permission === "public") return [];
  // What changes nothing may be done again where its answer was too long.
  const isHarmless = permission.endsWith(":read");
  return [
    async (c, next) => {
      const header = c.req.header(HEADER);
      if (header === undefined) return next();
      const key = readKey(header);
      if (!key.ok) return key.refusal;
      const write = await writeOf(c, key.value);
      const claiming = await ports.idempotency.claim(write, ports.nowMs());
      if (claiming.kind !== "claimed") return REFUSALS[claiming.kind](claiming);
      await next();
      const { claim } = claiming;
      if (isRepeatable === true) await release(ports, claim);
      else await conclude(ports, c, { claim, isHarmless });
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

async function release({ idempotency, log }: IdempotencyPorts, claim: Claim): Promise<void> {
  await idempotency.release(claim).catch((error: unknown) => {
    log("error", "idempotency.not_kept", { tenant: claim.tenant, error });
  });
}

async function conclude(
  { idempotency, log }: IdempotencyPorts,
  c: ApiContext,
  { claim, isHarmless }: { claim: Claim; isHarmless: boolean },
): Promise<void> {
  const { status, headers } = c.res;
  try {
    if (!isDecided(status)) return await idempotency.release(claim);
    const body = Buffer.from(await c.res.clone().arrayBuffer());
    const isKept = body.length <= KEPT_BYTES_MAX;
    if (!isKept && isHarmless) return await idempotency.release(claim);
    const kept = isKept ? { body: body.toString("base64") } : {};
    await idempotency.settle(claim, { status, headers: [...headers], ...kept });
  } catch (error) {
    // The write is done and its caller is told; its repetition waits until the claim runs out.
    log("error", "idempotency.not_kept", { tenant: claim.tenant, error });
  }
}
