import type { Violation } from "../../core/contracts/event.ts";

/**
 * Every code that a caller can meet, with its status and title. Codes are public: add, never
 * rename. Titles and details say what to do; no internal message, and no secret, comes this way.
 */
export const PROBLEMS = {
  unauthentic: { status: 401, title: "The delivery is not authentic" },
  unauthorized: {
    status: 401,
    title: "No valid credentials",
    headers: { "WWW-Authenticate": 'Bearer realm="upline"' },
  },
  forbidden: { status: 403, title: "The credentials do not allow this" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  malformed: { status: 400, title: "The body cannot be parsed" },
  parameter_invalid: { status: 400, title: "A parameter is invalid" },
  not_acceptable: {
    status: 406,
    title: "None of the media types that are given here is acceptable",
  },
  contract_violated: { status: 422, title: "The event breaks its contract" },
  invalid: { status: 422, title: "The body is invalid" },
  uri_too_long: { status: 414, title: "The address is too long" },
  headers_too_large: { status: 431, title: "The request's headers are too large" },
  headers_too_many: { status: 431, title: "The request has too many headers" },
  too_large: { status: 413, title: "The body is too large" },
  upgrade_required: {
    status: 426,
    title: "Only a WebSocket or an event stream is answered here",
    headers: { Upgrade: "websocket" },
  },
  unsupported_media_type: {
    status: 415,
    title: "The body has a media type or an encoding that is not taken here",
  },
  conflict: { status: 409, title: "This contradicts what is stored" },
  limit_reached: { status: 409, title: "The tenant has as many of these as it may have" },
  idempotency_key_reused: {
    status: 422,
    title: "The Idempotency-Key was used for another write",
  },
  idempotency_in_progress: {
    status: 409,
    title: "A write with this Idempotency-Key is on its way",
  },
  idempotency_answer_lost: {
    status: 409,
    title: "This write was done before, and its answer was not kept",
  },
  rate_limited: { status: 429, title: "Too many requests" },
  quota_exceeded: { status: 429, title: "The tenant has had as many events today as it may have" },
  overloaded: {
    status: 503,
    title: "Overloaded, try again later",
    headers: { "Retry-After": "5" },
  },
  internal: { status: 500, title: "Something failed on our side" },
} as const satisfies Record<
  string,
  { status: number; title: string; headers?: Readonly<Record<string, string>> }
>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface ProblemParts {
  readonly detail?: string;
  readonly errors?: readonly Violation[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one shape of every refusal: RFC 9457. */
export function problem(code: ProblemCode, parts: ProblemParts = {}): Response {
  const { detail, errors, headers } = parts;
  const known: { status: number; title: string; headers?: Readonly<Record<string, string>> } =
    PROBLEMS[code];
  const { status, title } = known;
  const body = { type: `urn:upline:problem:${code}`, code, title, status, detail, errors };
  return Response.json(body, {
    status,
    headers: {
      "Cache-Control": "no-store",
      ...known.headers,
      ...headers,
      "Content-Type": "application/problem+json",
    },
  });
}
