import * as z from "zod";
import type { ClientCertificate, Delivery, Scheme } from "../sender.ts";
import { doubt, found, startTrail, type Found } from "./trail.ts";

const FINGERPRINT = /^[\da-f]{64}$/;

/** Names as Cloudflare writes them, RFC 2253; both have to be the same. */
const Names = z.strictObject({ subject: z.string().min(1), issuer: z.string().min(1) });

type Pin = { readonly fingerprint: string } | z.output<typeof Names>;

/**
 * A client certificate that Cloudflare has verified, pinned: PROVIDERS 14c. A secret's text is its
 * SHA-256 fingerprint in hex (colons allowed), or JSON `{"subject", "issuer"}` where the sender
 * renews it under the same names. Needs mTLS switched on for the host name; locally there is none.
 */
export const mtlsPin: Scheme = {
  covers: "nothing",

  checkSecret(secret) {
    if (pinOf(secret) !== undefined) return undefined;
    return 'The secret is no SHA-256 fingerprint in hex and no JSON {"subject", "issuer"}';
  },

  verify(delivery, auth) {
    const trail = startTrail();
    const certificate = trail.note("client certificate", readCertificate(delivery));
    if (certificate !== undefined) trail.note("pin", matchPins(certificate, auth.secrets));
    return Promise.resolve(trail.verdict());
  },
};

function readCertificate({ certificate }: Delivery): Found<ClientCertificate> {
  if (certificate === undefined) {
    return doubt("certificate_missing", "The connection showed no client certificate");
  }
  if (certificate.verified) return found(certificate, "Cloudflare verified its chain");
  return doubt("certificate_invalid", `Cloudflare calls it ${certificate.status}`);
}

/** A certificate is public: nothing is given away by how long the comparison takes. */
function matchPins(certificate: ClientCertificate, secrets: readonly string[]): Found<number> {
  const pins = secrets.map(pinOf);
  const at = pins.findIndex((pin) => pin !== undefined && fits(certificate, pin));
  if (at >= 0) return found(at, `Pinned by secret ${at + 1} of ${secrets.length}`);
  if (pins.every((pin) => pin === undefined)) {
    return doubt("secret_unusable", `None of ${secrets.length} secrets can be used`);
  }
  return doubt("certificate_invalid", `Pinned by none of ${secrets.length} secrets`);
}

const fits = (certificate: ClientCertificate, pin: Pin): boolean =>
  "fingerprint" in pin
    ? certificate.fingerprintSha256.toLowerCase() === pin.fingerprint
    : certificate.subject === pin.subject && certificate.issuer === pin.issuer;

function pinOf(secret: string): Pin | undefined {
  const fingerprint = secret.trim().replaceAll(":", "").toLowerCase();
  if (FINGERPRINT.test(fingerprint)) return { fingerprint };
  try {
    return Names.safeParse(JSON.parse(secret)).data;
  } catch {
    return undefined;
  }
}
