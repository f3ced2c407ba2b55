import { createSign } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * Signs as PayPal does. Written from its documents alone and importing nothing of `src/`: a
 * mistake shared with the verifier would hide itself from the tests.
 */
export interface PaypalRequest {
  /** PEM of the private key whose certificate is referred to. */
  readonly privateKey: string;
  readonly webhookId: string;
  readonly transmissionId: string;
  readonly atMs: number;
  readonly body: string;
  readonly certUrl?: string;
}

export const PAYPAL_CERT_URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-test";

/** https://developer.paypal.com/api/rest/webhooks/rest/#link-messagesignature */
export function signPaypal(request: PaypalRequest): Record<string, string> {
  const { transmissionId, webhookId, body, privateKey, certUrl = PAYPAL_CERT_URL } = request;
  const time = new Date(request.atMs).toISOString();
  const signed = `${transmissionId}|${time}|${webhookId}|${crc32(body)}`;
  return {
    "paypal-auth-algo": "SHA256withRSA",
    "paypal-cert-url": certUrl,
    "paypal-transmission-id": transmissionId,
    "paypal-transmission-time": time,
    "paypal-transmission-sig": createSign("sha256").update(signed).sign(privateKey, "base64"),
  };
}
