import * as z from "zod";
import { parseInstant } from "../../core/contracts/instant.ts";
import { clientCertificate, TlsClientAuth } from "./client-certificate.ts";
import type { Delivery } from "../../senders/sender.ts";

/** Cloudflare's own limits of a request's URL and headers. */
const URL_CHARS_MAX = 16 * 1024;
const HEADER_CHARS_MAX = 128 * 1024;
const HEADERS_MAX = 500;

const HeaderText = z.string().max(HEADER_CHARS_MAX);

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
    certificate: TlsClientAuth.optional(),
    body: z.string().optional(),
    body_base64: z.base64().optional(),
    received_at: z
      .string()
      .refine((text) => parseInstant(text) !== undefined, "Is no RFC 3339 date-time")
      .optional(),
  })
  .refine(({ body, body_base64: base64 }) => body === undefined || base64 === undefined, {
    message: "Give either body or body_base64",
    path: ["body_base64"],
  });

/** The delivery that a captured request was. `nowMs` is when it arrived, if it does not say so. */
export function deliveryOf(captured: z.output<typeof Captured>, nowMs: number): Delivery {
  const { method, url, headers, body = "", body_base64: base64, received_at: at } = captured;
  const certificate = clientCertificate(captured.certificate);
  return {
    method,
    url,
    header: headerOf(headers),
    body: new Uint8Array(base64 === undefined ? Buffer.from(body) : Buffer.from(base64, "base64")),
    receivedAtMs: (at === undefined ? undefined : parseInstant(at)) ?? nowMs,
    ...(certificate === undefined ? {} : { certificate }),
  };
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
