/** Written from Zoho's documents alone and importing nothing of `src/`. */
export interface ZohoPaymentsRequest {
  readonly secret: string;
  readonly timestampMs: number;
  readonly body: string;
}

/** https://www.zoho.com/us/payments/developerdocs/webhooks/verification/ */
export async function signZohoPayments({
  secret,
  timestampMs,
  body,
}: ZohoPaymentsRequest): Promise<Readonly<Record<string, string>>> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  const signed = utf8.encode(`${timestampMs}.${body}`);
  const signature = Buffer.from(await crypto.subtle.sign("HMAC", key, signed)).toString("hex");
  return { "x-zoho-webhook-signature": `t=${timestampMs},v=${signature}` };
}
