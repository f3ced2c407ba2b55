import * as z from "zod";
import { parseInstant } from "../../core/contracts/instant.ts";
import { certificateOf } from "./arrive.ts";
import { TlsClientAuth } from "./client-certificate.ts";
import type { Delivery } from "../../senders/sender.ts";

/** Cloudflare's own limits of a request's URL and headers. */
const URL_CHARS_MAX = 16 * 1024;
const HEADER_CHARS_MAX = 128 * 1024;
const HEADERS_MAX = 500;
/** The last second that RFC 3339 can write: milliseconds are beyond it. */
const UNIX_S_MAX = 253_402_300_799;

const HeaderText = z.string().max(HEADER_CHARS_MAX);

/** RFC 3339, or Unix seconds as signatures and logs have them. */
const ReceivedAt = z
  .union([
    z.int().min(0).max(UNIX_S_MAX).describe("Unix seconds, not milliseconds"),
    z
      .string()
      .refine(
        (text) => parseInstant(text) !== undefined,
        "Is neither an RFC 3339 date-time nor Unix seconds as an integer",
      )
      .meta({ format: "date-time", description: "RFC 3339 date-time with Z or an offset" }),
  ])
  .describe(
    "When it arrived, by which its age is judged: RFC 3339, or Unix seconds as an integer; now if absent",
  );

/** A request as somebody captured it. Other fields are let pass: capturing tools add their own. */
export const Captured = z
  .object({
    method: z.string().min(1).max(20).default("POST"),
    url: z.url().max(URL_CHARS_MAX),
    headers: z
      .record(z.string(), z.union([HeaderText, z.array(HeaderText).max(HEADERS_MAX)]))
      .refine((headers) => Object.keys(headers).length <= HEADERS_MAX, "Has too many headers")
      .default({}),
    /** `request.cf.tlsClientAuth` of the captured request. */
    certificate: TlsClientAuth.extend({ certRevoked: z.string().optional() }).optional(),
    body: z.string().optional(),
    body_base64: z.base64().optional(),
    received_at: ReceivedAt.optional(),
  })
  .refine(({ body, body_base64: base64 }) => body === undefined || base64 === undefined, {
    message: "Give either body or body_base64",
    path: ["body_base64"],
  });

/** How many headers a captured request has, as `Headers` would count them: by name. */
export const headersIn = ({ headers }: z.output<typeof Captured>): number =>
  new Set(Object.keys(headers).map((name) => name.toLowerCase())).size;

/** The delivery that a captured request was. `nowMs` is when it arrived, if it does not say so. */
export function deliveryOf(captured: z.output<typeof Captured>, nowMs: number): Delivery {
  const { method, url, headers, body = "", body_base64: base64, received_at: at } = captured;
  const certificate = certificateOf(captured.certificate);
  return {
    method,
    url,
    header: headerOf(headers),
    body: new Uint8Array(base64 === undefined ? Buffer.from(body) : Buffer.from(base64, "base64")),
    receivedAtMs: momentOf(at) ?? nowMs,
    ...(certificate === undefined ? {} : { certificate }),
  };
}

function momentOf(at: string | number | undefined): number | undefined {
  if (typeof at === "number") return at * 1000;
  return at === undefined ? undefined : parseInstant(at);
}

/** As `Headers` would give them, which takes no names or values that no request could carry. */
function headerOf(headers: Readonly<Record<string, string | readonly string[]>>) {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    const text = [value]
      .flat()
      .map((one) => one.trim())
      .join(", ");
    const earlier = values.get(key);
    values.set(key, earlier === undefined ? text : `${earlier}, ${text}`);
  }
  return (name: string) => values.get(name.toLowerCase());
}
