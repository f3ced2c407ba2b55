import type { AttemptOutcome } from "../core/outbound/delivery.ts";
import { fromBase64, fromText } from "../senders/verify/bytes.ts";
import type { DestinationKind, OutboundAnswer, OutboundRequest, Sendable } from "./destination.ts";

const PREFIX = "whsec_";
/** Standard Webhooks 1.0.0 «Signature scheme»: from 192 to 512 bits. */
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
const SECRET_BYTES_MADE = 32;

function keyBytes(secret: string): Uint8Array | undefined {
  return secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : undefined;
}

function checkSecret(secret: string): string | undefined {
  if (!secret.startsWith(PREFIX)) return `A secret begins with ${PREFIX}`;
  const bytes = keyBytes(secret);
  if (bytes === undefined) return `After ${PREFIX} stands no base64`;
  if (bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX) return undefined;
  return `The secret has ${bytes.length} bytes, not ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX}`;
}

const makeSecret = (): string =>
  PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES_MADE)));

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCodePoint(...bytes));

async function request(sendable: Sendable): Promise<OutboundRequest> {
  const { id, body, url, secrets, nowMs } = sendable;
  const timestamp = String(Math.floor(nowMs / 1000));
  const signed = fromText(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, signed)));
  return {
    method: "POST",
    url,
    headers: {
      "Content-Type": "application/json",
      "User-Agent": "Upline/1",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signatures.join(" "),
    },
    body,
  };
}

/** Throws where a secret is none: they were checked before they were kept. */
async function sign(secret: string, signed: Uint8Array): Promise<string> {
  const bytes = keyBytes(secret);
  if (bytes === undefined) throw new Error("Cannot sign: a secret is not base64");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes, hmac, false, ["sign"]);
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, signed)))}`;
}

/** 2xx, whatever it says; 410 asks to be told nothing more; a redirect is followed nowhere. */
function outcome({ status, header, nowMs }: OutboundAnswer): AttemptOutcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 410) return { kind: "gone" };
  const retryAfterMs = readRetryAfter(header("retry-after")?.trim() ?? "", nowMs);
  return retryAfterMs === undefined ? { kind: "failed" } : { kind: "failed", retryAfterMs };
}

/** Seconds, or a date (RFC 9110 §10.2.3), as ms from now on. */
function readRetryAfter(text: string, nowMs: number): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // An HTTP date says so at its end: anything else `Date.parse` would guess at.
  const atMs = text.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** An https address that is told by POST, signed as Standard Webhooks 1.0.0: https://www.standardwebhooks.com */
export const webhook: DestinationKind = {
  name: "webhook",
  checkSecret,
  makeSecret,
  request,
  outcome,
};
