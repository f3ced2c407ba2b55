import { parseInstant } from "../../core/contracts/instant.ts";
import type { Delivery } from "../sender.ts";
import { doubt, found, type Found } from "./trail.ts";

/** A timestamp as its sender prints it: no sign, no leading zero, no fraction (PROVIDERS 0.1.5). */
const DIGITS = /^(?:0|[1-9]\d{0,14})$/;

/** What a header is for, which decides how its absence and its misuse are called. */
type Purpose = "signature" | "timestamp" | "token";

/** The one value of a header. A repeated one is refused: which of the two would be meant? */
export function readOne(delivery: Delivery, name: string, purpose: Purpose): Found<string> {
  const value = delivery.header(name);
  if (value === undefined || value === "")
    return doubt(`${purpose}_missing`, `No "${name}" header`);
  if (value.includes(", ")) {
    const reason = purpose === "token" ? "token_invalid" : (`${purpose}_malformed` as const);
    return doubt(reason, `Header "${name}" came more than once`);
  }
  return found(value, `Read "${name}"`);
}

/**
 * How long a signature may be on its way. Bounds are included, counted in the sender's unit; an RFC
 * 3339 text (`iso`) is counted in milliseconds.
 */
export interface Window {
  readonly unit: "s" | "ms" | "iso";
  readonly ageMax: number;
  readonly aheadMax: number;
}

export function checkAge(text: string, window: Window, receivedAtMs: number): Found<number> {
  const { unit, ageMax, aheadMax } = window;
  const signedAt =
    unit === "iso" ? parseInstant(text) : DIGITS.test(text) ? Number(text) : undefined;
  if (signedAt === undefined) {
    const form = unit === "iso" ? "an RFC 3339 date-time" : "plain digits";
    return doubt("timestamp_malformed", `The timestamp is not ${form}`);
  }
  const now = unit === "s" ? Math.floor(receivedAtMs / 1000) : receivedAtMs;
  const age = now - signedAt;
  const shown = unit === "s" ? "s" : "ms";
  const detail = `Signed ${age} ${shown} before arrival: allowed are ${-aheadMax} to ${ageMax} ${shown}`;
  if (age > ageMax) return doubt("timestamp_old", detail);
  if (age < -aheadMax) return doubt("timestamp_future", detail);
  return found(age, detail);
}

export type Match = "matched" | "mismatched" | "unusable";

/** Tries every live secret. They are told apart by position: a log must not show any of them. */
export async function matchSecret(
  secrets: readonly string[],
  attempt: (secret: string) => Promise<Match>,
): Promise<Found<number>> {
  let usable = 0;
  for (const [at, secret] of secrets.entries()) {
    const match = await attempt(secret);
    if (match === "matched") return found(at, `Signed with secret ${at + 1} of ${secrets.length}`);
    if (match === "mismatched") usable += 1;
  }

  if (usable === 0)
    return doubt("secret_unusable", `None of ${secrets.length} secrets can be used`);
  return doubt("signature_mismatch", `Signed with none of ${secrets.length} secrets`);
}
