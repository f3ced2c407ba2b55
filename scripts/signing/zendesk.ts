/**
 * Signs as Zendesk does: https://developer.zendesk.com/documentation/webhooks/verifying/
 * Written from its documents alone and importing nothing of `src/`.
 */
export interface ZendeskRequest {
  /** Used as the text it is, however much it looks like base64. */
  readonly secret: string;
  /** ISO 8601, as it stands in the header. */
  readonly timestamp: string;
  readonly body: string;
}

export async function signZendesk({
  secret,
  timestamp,
  body,
}: ZendeskRequest): Promise<Readonly<Record<string, string>>> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(timestamp + body));
  return {
    "x-zendesk-webhook-signature": Buffer.from(signature).toString("base64"),
    "x-zendesk-webhook-signature-timestamp": timestamp,
  };
}

/** Seconds, as Zendesk prints them. */
export const zendeskTimestamp = (atMs: number): string =>
  new Date(atMs).toISOString().replace(".000Z", "Z");
