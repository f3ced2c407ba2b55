import * as z from "zod";
import type { ClientCertificate } from "../../senders/sender.ts";

/**
 * `request.cf.tlsClientAuth`, all of it text: https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties
 * Other members are let pass. It is absent in local development and where mTLS is not switched on.
 */
export const TlsClientAuth = z.looseObject({
  certPresented: z.string(),
  certVerified: z.string(),
  certRevoked: z.string().default(""),
  certFingerprintSHA256: z.string().default(""),
  certSubjectDN: z.string().default(""),
  certIssuerDN: z.string().default(""),
  certSubjectDNRFC2253: z.string().exactOptional(),
  certIssuerDNRFC2253: z.string().exactOptional(),
});

/**
 * The client's certificate; nothing where none was presented or Cloudflare says nothing of it. Where
 * nothing is said of its revocation, it may be revoked (PROVIDERS 14c).
 */
export function clientCertificate(tlsClientAuth: unknown): ClientCertificate | undefined {
  const parsed = TlsClientAuth.safeParse(tlsClientAuth);
  if (!parsed.success || parsed.data.certPresented !== "1") return undefined;
  const told = parsed.data;
  return {
    verified: told.certVerified === "SUCCESS" && told.certRevoked === "0",
    status: statusOf(told),
    fingerprintSha256: told.certFingerprintSHA256,
    subject: told.certSubjectDNRFC2253 ?? told.certSubjectDN,
    issuer: told.certIssuerDNRFC2253 ?? told.certIssuerDN,
  };
}

function statusOf({ certRevoked, certVerified }: z.output<typeof TlsClientAuth>): string {
  if (certRevoked === "") return "not known to be unrevoked";
  return certRevoked === "0" ? certVerified : "revoked";
}
