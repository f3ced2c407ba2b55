import type { Violation } from "../../core/contracts/event.ts";
import type { CoreFailure } from "./failure.ts";

/** Of one answer, read to its end. The interface promises pages below it. */
export const PAGE_BYTES_MAX = 1_000_000;
/** From the request to the last byte of the answer. */
export const REQUEST_MS_MAX = 10_000;

const DETAIL_CHARS_MAX = 200;

export interface Question {
  readonly url: string;
  readonly authorization: string;
  readonly msMax: number;
}

/** What one request brought. */
export interface Response200 {
  readonly kind: "json";
  readonly body: unknown;
}

type Fault = CoreFailure & { readonly retryAfter?: string | null };

/** One request, sent once. */
export interface Told {
  /** Of the answer's body, as far as it was read. */
  readonly bytes: number;
  readonly outcome: Response200 | Fault;
}

/**
 * Asks once. An answer is read no further than {@link PAGE_BYTES_MAX} and no longer than `msMax`,
 * whatever `fetch` makes of its signal; it must be 200, JSON and where it was asked for.
 */
export async function ask(fetch: typeof globalThis.fetch, question: Question): Promise<Told> {
  const { msMax } = question;
  const control = new AbortController();
  const count = { bytes: 0 };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Fault>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: "timeout", afterMs: msMax });
      control.abort();
    }, msMax);
  });
  try {
    const outcome = await Promise.race([exchange(fetch, question, control.signal, count), late]);
    return { bytes: count.bytes, outcome };
  } finally {
    clearTimeout(timer);
  }
}

/** What is read as we read it, without compression: bytes that are counted are bytes that were sent. */
const headersOf = (authorization: string): Record<string, string> => ({
  Accept: "application/json",
  "Accept-Encoding": "identity",
  Authorization: authorization,
});

async function exchange(
  fetch: typeof globalThis.fetch,
  { url, authorization }: Question,
  signal: AbortSignal,
  count: { bytes: number },
): Promise<Response200 | Fault> {
  try {
    const headers = headersOf(authorization);
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const fault = faultOf(response);
    if (fault !== undefined) {
      await response.body?.cancel();
      return fault;
    }
    const bytes = await readBody(response, count);
    if (bytes === undefined) return { kind: "too_large", bytesMax: PAGE_BYTES_MAX };
    return parse(bytes);
  } catch (error) {
    return { kind: "unreachable", detail: detailOf(error, authorization) };
  }
}

const UNSUPPORTED: ReadonlySet<number> = new Set([404, 405, 501]);

function faultOf(response: Response): Fault | undefined {
  const { status, headers } = response;
  if (status >= 300 && status < 400 && status !== 304) return { kind: "moved", status };
  if (UNSUPPORTED.has(status)) return { kind: "unsupported", status };
  if (status !== 200) return { kind: "status", status, retryAfter: headers.get("Retry-After") };
  if (JSON_TYPE.test(headers.get("Content-Type") ?? "")) return undefined;
  return malformed({ path: "", rule: "media_type", message: "Must be application/json" });
}

const JSON_TYPE = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Undefined where it is too much: then the rest is left unread. */
export async function readBody(
  { body }: Response,
  count: { bytes: number },
  bytesMax = PAGE_BYTES_MAX,
): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    count.bytes += read.value.length;
    if (count.bytes > bytesMax) {
      await reader.cancel();
      return undefined;
    }
    pieces.push(read.value);
  }
  return Buffer.concat(pieces, count.bytes);
}

function parse(bytes: Uint8Array): Response200 | Fault {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return malformed({ path: "", rule: "encoding", message: "Must be UTF-8" });
  }
  try {
    const body: unknown = JSON.parse(text);
    return { kind: "json", body };
  } catch {
    // What the parser says quotes the body.
    return malformed({ path: "", rule: "json", message: "Must be one JSON value, whole" });
  }
}

const malformed = (violation: Violation): Fault => ({ kind: "malformed", errors: [violation] });

/** What the runtime says of a connection, without the credential, should it quote headers. */
function detailOf(error: unknown, authorization: string): string {
  if (!(error instanceof Error)) return "of an unknown reason";
  const cause: unknown = Reflect.get(Object(error.cause), "code");
  const said = typeof cause === "string" ? `${error.message} (${cause})` : error.message;
  const secret = authorization.replace(/^\S+\s+/, "");
  return said.replaceAll(secret, "…").slice(0, DETAIL_CHARS_MAX);
}
