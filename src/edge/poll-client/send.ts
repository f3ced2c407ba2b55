import { ok } from "../../core/result.ts";
import { JSON_CONTAINERS_MAX, JSON_DEPTH_MAX, parseJson } from "../../senders/read/json.ts";
import type { Answer, Ask, FaultCode } from "../../pollers/poller.ts";
import { readBody } from "../core-client/request.ts";
import { isPublicHost } from "../web-address.ts";

/** Of one answer: 2000 records of Salesforce with many fields. */
const ANSWER_BYTES_MAX = 8_000_000;
const ANSWER_MS_MAX = 15_000;
const DETAIL_CHARS_MAX = 200;

export interface PollSendPorts {
  readonly fetch: typeof fetch;
  /** Only a deployment on one's own machine may ask its own machine, and without TLS. */
  readonly isLocal: boolean;
}

/** An answer that came, and that is not read. */
interface Unread {
  readonly detail: string;
  readonly code: FaultCode;
}

/** An answer of any status, or why there is none. */
export type Sent =
  | { readonly kind: "answer"; readonly answer: Answer; readonly bytes: number }
  | {
      readonly kind: "none";
      readonly detail: string;
      readonly bytes: number;
      readonly code?: FaultCode;
    };

/**
 * Sends one request, once. Its answer is read no further than 8 MB and no longer than 15 s; a
 * redirect is followed nowhere, as the credential would go along.
 */
export async function sendAsk(
  ports: PollSendPorts,
  ask: Ask,
  credential: readonly [string, string] | undefined,
): Promise<Sent> {
  const count = { bytes: 0 };
  const refusal = unfit(ask.url, ports.isLocal);
  if (refusal !== undefined) return { kind: "none", detail: refusal, bytes: 0 };
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`No whole answer within ${ANSWER_MS_MAX} ms`);
      control.abort();
    }, ANSWER_MS_MAX);
  });
  try {
    const exchanged = exchange(ports, { ask, credential, signal: control.signal, count });
    const outcome = await Promise.race([exchanged, late]);
    const { bytes } = count;
    if (typeof outcome === "string") return { kind: "none", detail: outcome, bytes };
    if ("detail" in outcome) return { kind: "none", ...outcome, bytes };
    return { kind: "answer", answer: outcome, bytes };
  } finally {
    clearTimeout(timer);
  }
}

/** A credential is shown to nobody between, and to nothing inside a network. */
function unfit(url: string, isLocal: boolean): string | undefined {
  if (isLocal) return undefined;
  if (URL.parse(url)?.protocol !== "https:") return "The address is not https";
  return isPublicHost(url) ? undefined : "The address cannot be reached from outside";
}

interface Exchange {
  readonly ask: Ask;
  readonly credential: readonly [string, string] | undefined;
  readonly signal: AbortSignal;
  readonly count: { bytes: number };
}

async function exchange(
  { fetch }: PollSendPorts,
  { ask, credential, signal, count }: Exchange,
): Promise<Answer | Unread | string> {
  const { method, url, body } = ask;
  const headers = new Headers({ Accept: "application/json", ...ask.headers });
  try {
    if (credential !== undefined) headers.set(...credential);
    const sent = { method, headers, signal, redirect: "manual" } as const;
    const response = await fetch(url, body === undefined ? sent : { ...sent, body });
    const { status } = response;
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      return `The address redirects (status ${status})`;
    }
    const bytes = await readBody(response, count, ANSWER_BYTES_MAX);
    if (bytes === undefined) return TOO_LARGE;
    return answerOf(response, bytes);
  } catch (error) {
    return `No connection: ${detailOf(error, url, credential)}`;
  }
}

const TOO_LARGE: Unread = {
  code: "too_large",
  detail: `The answer has more than ${ANSWER_BYTES_MAX} bytes`,
};

/** By the rule that an answer breaks; what breaks any other is no JSON. */
const UNREAD: Readonly<Record<string, Unread>> = {
  depth: { code: "nested", detail: `The answer has more than ${JSON_DEPTH_MAX} levels` },
  length: {
    code: "too_large",
    detail: `The answer has more than ${JSON_CONTAINERS_MAX} objects and lists`,
  },
};

/** A refusal may come as text or HTML: only its status is believed then. */
function answerOf({ status, headers }: Response, bytes: Uint8Array): Answer | Unread | string {
  const parsed = bytes.length === 0 ? ok(undefined) : parseJson(bytes);
  const isSuccess = status >= 200 && status < 300;
  if (!parsed.ok && isSuccess) return UNREAD[parsed.refusal[0]?.rule ?? ""] ?? NO_JSON;
  return {
    status,
    header: (name) => headers.get(name) ?? undefined,
    body: parsed.ok ? parsed.value : undefined,
  };
}

const NO_JSON = "The answer is no JSON";

/** What the runtime says of a connection, should it quote headers or the address without them. */
function detailOf(
  error: unknown,
  url: string,
  credential: readonly [string, string] | undefined,
): string {
  const said = error instanceof Error ? error.message : "of an unknown reason";
  const value = credential?.[1] ?? "";
  const secrets = [url, value, value.replace(/^\S+\s+/, "")].filter((secret) => secret !== "");
  const safe = secrets.reduce((left, secret) => left.replaceAll(secret, "…"), said);
  return safe.slice(0, DETAIL_CHARS_MAX);
}
