import { allowance, freedMs, spend, type Usage, usedOf } from "../../../pollers/budget.ts";
import type { Answer, Ask, Base, Fault, Poller } from "../../../pollers/poller.ts";
import {
  askToken,
  baseUrl,
  credentialOf,
  needsToken,
  readToken,
  type Token,
} from "../../../pollers/token.ts";
import { tokenBucket, type TokenBucket } from "../../core-client/rate.ts";
import type { Polled, PollPorts } from "./ports.ts";

/** Of one source in one call. */
const REQUESTS_MAX = 60;
const BYTES_MAX = 30_000_000;
/** Of what a product gives the whole account: above it the rest is left to others. */
const ACCOUNT_SHARE_MAX = 0.9;
const ACCOUNT_PAUSE_MS = 900_000;

/** Why nothing is asked any more in this call, and not before when again. */
export interface Stop {
  readonly kind: "stop";
  /** `call`: this call's own bounds; goes on with the next one. */
  readonly why: "call" | "allowance";
  readonly untilMs: number;
}

/** What a source's row keeps between calls. JSON. */
export interface SourceState {
  readonly usage?: Usage;
  /** Sealed JSON of a {@link KeptToken}. */
  readonly token?: string;
}

interface KeptToken {
  /** The credential it was had by: with another one it is worth nothing. */
  readonly by: string;
  readonly token: Token;
}

/** Asks one product within its bounds; what it learns is kept in {@link Asker.state}. */
export interface Asker {
  readonly ask: (make: (base: Base) => Ask) => Promise<Answer | Fault | Stop>;
  readonly state: () => Promise<SourceState>;
  /** What was read of an answer; of a fault, without any secret that the product has quoted. */
  readonly quoted: <Read extends { readonly kind: string }>(read: Read | Fault) => Read | Fault;
  readonly spent: () => { readonly requests: number; readonly bytes: number };
}

interface Terms {
  readonly polled: Polled;
  readonly poller: Poller;
  readonly state: SourceState;
  readonly untilMs: number;
  /** Keeps the state before the call ends: a refresh token that was changed is the only one left. */
  readonly keep: (state: SourceState) => Promise<unknown>;
}

/** What a call knows by now. */
interface Knowing extends Terms {
  readonly ports: PollPorts;
  /** The credential of the source's options: a token had by another one is worth nothing. */
  readonly by: string;
  readonly allowed: number;
  readonly rate: TokenBucket;
  usage: Usage;
  token: Token | undefined;
  isLoaded: boolean;
  pausedMs: number;
  requests: number;
  bytes: number;
}

export function createAsker(ports: PollPorts, terms: Terms): Asker {
  const { polled, poller, state } = terms;
  const { settings, secrets } = polled;
  const { kind, base_url: base, auth } = settings;
  const { perSecond } = poller;
  const knowing: Knowing = {
    ...terms,
    ports,
    by: JSON.stringify([kind, base, auth, secrets]),
    allowed: allowance(settings.budget?.requests_per_day ?? poller.perDay, settings.budget?.share),
    rate: tokenBucket({ perSecond, burst: perSecond }),
    usage: state.usage ?? [],
    token: undefined,
    isLoaded: false,
    pausedMs: 0,
    requests: 0,
    bytes: 0,
  };
  return {
    ask: (make) => askWith(knowing, make),
    quoted: (read) =>
      "detail" in read ? { ...read, detail: withoutSecrets(knowing, read.detail) } : read,
    spent: () => ({ requests: knowing.requests, bytes: knowing.bytes }),
    state: () => stateOf(knowing),
  };
}

/** Shorter than that it is found in any sentence. */
const SECRET_CHARS_MIN = 4;

/** Products quote what they refuse. */
function withoutSecrets({ polled, token }: Knowing, text: string): string {
  const secrets = [...Object.values(polled.secrets), token?.access, token?.refresh];
  return secrets.reduce<string>(
    (left, secret = "") => (secret.length < SECRET_CHARS_MIN ? left : left.replaceAll(secret, "…")),
    text,
  );
}

async function stateOf({
  ports,
  polled,
  state,
  by,
  usage,
  token,
  isLoaded,
}: Knowing): Promise<SourceState> {
  if (!isLoaded) return { ...state, usage };
  if (token === undefined) return { usage };
  const kept: KeptToken = { by, token };
  return { usage, token: await ports.seal(polled, JSON.stringify(kept)) };
}

async function askWith(
  knowing: Knowing,
  make: (base: Base) => Ask,
): Promise<Answer | Fault | Stop> {
  const { settings, secrets } = knowing.polled;
  let isForced = false;
  for (;;) {
    const stop = stopped(knowing);
    if (stop !== undefined) return stop;
    const fault = await authorize(knowing, isForced);
    if (fault !== undefined) return fault;
    const { token } = knowing;
    const base = { settings, url: baseUrl(settings, token) };
    const answer = await once(knowing, make(base), credentialOf(settings, secrets, token));
    const isOver = "status" in answer && answer.status === 401;
    // Once: a token may have been taken back before its end.
    if (!isOver || isForced || !needsToken(settings)) return answer;
    isForced = true;
  }
}

function stopped(knowing: Knowing): Stop | undefined {
  const { pausedMs, usage, allowed, requests, bytes, untilMs } = knowing;
  const nowMs = knowing.ports.nowMs();
  if (pausedMs > nowMs) return { kind: "stop", why: "allowance", untilMs: pausedMs };
  if (usedOf(usage, nowMs) >= allowed) {
    return { kind: "stop", why: "allowance", untilMs: freedMs(usage, nowMs) };
  }
  const isOver = requests >= REQUESTS_MAX || bytes >= BYTES_MAX || nowMs >= untilMs;
  return isOver ? { kind: "stop", why: "call", untilMs: nowMs } : undefined;
}

async function once(
  knowing: Knowing,
  ask: Ask,
  credential: readonly [string, string] | undefined,
): Promise<Answer | Fault> {
  const { ports, rate, poller } = knowing;
  const waitMs = rate.reserve(ports.nowMs());
  if (waitMs > 0) await ports.wait(waitMs);
  knowing.requests += 1;
  knowing.usage = spend(knowing.usage, ask.cost, ports.nowMs());
  const sent = await ports.send(ask, credential);
  knowing.bytes += sent.bytes;
  if (sent.kind === "none") {
    const { detail, code } = sent;
    return { kind: "failed", detail, ...(code === undefined ? {} : { code }) };
  }
  const share = poller.used?.(sent.answer) ?? 0;
  if (share > ACCOUNT_SHARE_MAX) knowing.pausedMs = ports.nowMs() + ACCOUNT_PAUSE_MS;
  return sent.answer;
}

/** Has a fresh token, where the credential is exchanged for one. */
async function authorize(knowing: Knowing, isForced: boolean): Promise<Fault | undefined> {
  const { settings, secrets } = knowing.polled;
  if (!needsToken(settings)) return undefined;
  if (!knowing.isLoaded) await load(knowing);
  const { token } = knowing;
  const isFresh = token !== undefined && token.untilMs > knowing.ports.nowMs();
  if (isFresh && !isForced) return undefined;
  return exchange(knowing, askToken(settings, secrets, token?.refresh));
}

async function exchange(knowing: Knowing, ask: Ask): Promise<Fault | undefined> {
  const answer = await once(knowing, ask, undefined);
  if (!("status" in answer)) return answer;
  const read = readToken(answer, knowing.ports.nowMs());
  if (!read.ok) return { ...read.refusal, detail: withoutSecrets(knowing, read.refusal.detail) };
  // A product that changes it says so; else the one of before goes on.
  const before = knowing.token?.refresh ?? knowing.polled.secrets["refresh_token"];
  const refresh = read.value.refresh ?? knowing.token?.refresh;
  knowing.token = { ...read.value, ...(refresh === undefined ? {} : { refresh }) };
  if (refresh !== undefined && refresh !== before) await knowing.keep(await stateOf(knowing));
  return undefined;
}

async function load(knowing: Knowing): Promise<void> {
  const { ports, polled, state, by } = knowing;
  knowing.isLoaded = true;
  const text = state.token === undefined ? undefined : await ports.unseal(polled, state.token);
  const kept: KeptToken | undefined = text === undefined ? undefined : JSON.parse(text);
  if (kept?.by === by) knowing.token = kept.token;
}

/** Whether there is an answer to be read. */
export const isAnswer = (told: Answer | Fault | Stop): told is Answer => "status" in told;
