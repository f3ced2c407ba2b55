import type { Attempt, AttemptOutcome } from "../../core/outbound/delivery.ts";
import type { DestinationKind, OutboundRequest } from "../../destinations/destination.ts";
import { isPublicHost } from "../web-address.ts";
import type { DestinationSettings, DueDelivery, OutboundPorts } from "./ports.ts";

/** Standard Webhooks 1.0.0 recommends 15 to 30 s: whoever needs longer answers first and works later. */
const ANSWER_MS_MAX = 15_000;

export type SendPorts = Pick<OutboundPorts, "fetch" | "isLocal" | "nowMs">;

export interface Sending {
  readonly kind: DestinationKind;
  readonly settings: Pick<DestinationSettings, "url"> & { readonly secrets: readonly string[] };
  readonly delivery: Pick<DueDelivery, "deliveryId" | "body">;
}

export interface SentOnce {
  readonly attempt: Attempt;
  readonly outcome: AttemptOutcome;
}

/** What came of a request: an answer's meaning, or why there is none. */
interface Exchanged {
  readonly outcome: AttemptOutcome;
  readonly status?: number;
  readonly error?: string;
}

/**
 * Makes one attempt, and never throws. It lasts 15 s at most; a redirect is followed nowhere, as what
 * is signed for one address is for nobody else; of the answer nothing is read but its status and
 * when to come again. What is said of a failure quotes neither address nor secret.
 */
export async function sendDelivery(ports: SendPorts, sending: Sending): Promise<SentOnce> {
  const beganMs = ports.nowMs();
  const refusal = unfit(sending.settings.url, ports.isLocal);
  const exchanged =
    refusal === undefined ? await exchangeInTime(ports, sending) : failedFor(refusal);
  const { outcome, ...seen } = exchanged;
  return {
    attempt: { at_ms: beganMs, took_ms: Math.max(0, ports.nowMs() - beganMs), ...seen },
    outcome,
  };
}

const failedFor = (error: string): Exchanged => ({ outcome: { kind: "failed" }, error });

/** What a tenant's people have set is not sent to our own machines, nor in clear. */
function unfit(url: string, isLocal: boolean): string | undefined {
  if (isLocal) return undefined;
  if (URL.parse(url)?.protocol !== "https:") return "The address is not https";
  return isPublicHost(url) ? undefined : "The address cannot be reached from outside";
}

async function exchangeInTime(ports: SendPorts, sending: Sending): Promise<Exchanged> {
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Exchanged>((resolve) => {
    timer = setTimeout(() => {
      resolve(failedFor(`No answer within ${ANSWER_MS_MAX} ms`));
      control.abort();
    }, ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([exchange(ports, sending, control.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(
  ports: SendPorts,
  { kind, settings, delivery }: Sending,
  signal: AbortSignal,
): Promise<Exchanged> {
  const request = await prepared(ports, { kind, settings, delivery });
  if (request === undefined) return failedFor("The request could not be signed");
  const { url, ...init } = request;
  const response = await answered(ports, url, { ...init, signal, redirect: "manual" });
  if (response === undefined) return failedFor("No connection");
  const { status, headers } = response;
  await response.body?.cancel().catch(() => undefined);
  const header = (name: string) => headers.get(name) ?? undefined;
  const outcome = kind.outcome({ status, header, nowMs: ports.nowMs() });
  if (outcome.kind === "delivered") return { outcome, status };
  return { outcome, status, error: wordFor(status) };
}

function wordFor(status: number): string {
  if (status >= 300 && status < 400) return `The address redirects (status ${status})`;
  return `The answer has status ${status}`;
}

/** Nothing where a secret is unusable: what a library says of it could quote it. */
const prepared = (
  { nowMs }: SendPorts,
  { kind, settings: { url, secrets }, delivery: { deliveryId: id, body } }: Sending,
): Promise<OutboundRequest | undefined> =>
  kind.request({ id, body, url, secrets, nowMs: nowMs() }).catch(() => undefined);

/** Nothing where no answer came: what the runtime says of it quotes the address. */
async function answered(
  { fetch }: SendPorts,
  url: string,
  init: RequestInit,
): Promise<Response | undefined> {
  try {
    return await fetch(url, init);
  } catch {
    return undefined;
  }
}
