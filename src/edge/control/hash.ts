import { createHash } from "node:crypto";

/** The SHA-256 of a credential, hex: what is stored and compared in its stead. */
export const hashOf = (credential: string): string =>
  createHash("sha256").update(credential).digest("hex");

/**
 * The same of a client certificate. With its tenant, for a certificate is public: it is a credential
 * only where somebody said so, and may be one of several tenants'.
 */
export const certificateHash = (tenant: string, fingerprint: string): string =>
  hashOf(`certificate:${tenant}/${fingerprint}`);
