/** One broken rule of a request: where, which, and a sentence for a person. */
export interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

/** Every refusal of the gateway: RFC 9457 problem+json, told by its stable `code`. */
export class UplineProblem extends Error {
  override readonly name = "UplineProblem";
  /** Stable: `not_found`, `invalid`, …; `unknown` where the answer was no problem+json. */
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  /** Each field or parameter that is wrong. */
  readonly errors: readonly Violation[];
  /** Names the request in the gateway's log. */
  readonly requestId: string | undefined;
  /** Seconds to wait, where the gateway said how many. */
  readonly retryAfter: number | undefined;

  constructor(response: Response, body: unknown) {
    const { code, title, detail, errors } = partsOf(body);
    const shown = title ?? (response.statusText || `HTTP ${response.status}`);
    super(detail === undefined ? shown : `${shown}: ${detail}`);
    this.code = code ?? "unknown";
    this.status = response.status;
    this.title = shown;
    this.detail = detail;
    this.errors = errors;
    this.requestId = response.headers.get("Request-Id") ?? undefined;
    this.retryAfter = retryAfterOf(response.headers);
  }
}

/** `Retry-After` in seconds, as a number or as a date (RFC 9110 §10.2.3); nothing where absent. */
export function retryAfterOf(headers: Headers, nowMs: number = Date.now()): number | undefined {
  const text = headers.get("Retry-After");
  if (text === null) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1000));
}

/** The problem that an answer is, its body read. */
export async function problemOf(response: Response): Promise<UplineProblem> {
  return new UplineProblem(response, parse(await response.text()));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, say: its status says what there is to know.
    return undefined;
  }
}

function partsOf(body: unknown) {
  const told: { readonly [name: string]: unknown } = Object(body);
  const { code, title, detail, errors } = told;
  return {
    code: textOf(code),
    title: textOf(title),
    detail: textOf(detail),
    errors: Array.isArray(errors) ? errors.filter(isViolation) : [],
  };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const isViolation = (value: unknown): value is Violation => {
  const { path, rule, message } = Object(value);
  return [path, rule, message].every((part) => typeof part === "string");
};
