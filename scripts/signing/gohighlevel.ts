import { sign } from "node:crypto";

/**
 * Signs as GoHighLevel does. Written from its documents alone and importing nothing of `src/`: a
 * mistake shared with the verifier would hide itself from the tests.
 */
export interface GohighlevelRequest {
  /** PEM of a private Ed25519 key (PKCS#8). */
  readonly secret: string;
  readonly body: string;
}

/** https://marketplace.gohighlevel.com/docs/webhook/WebhookIntegrationGuide */
export const signGohighlevel = ({ secret, body }: GohighlevelRequest): Record<string, string> => ({
  "x-ghl-signature": sign(null, Buffer.from(body), secret).toString("base64"),
});
