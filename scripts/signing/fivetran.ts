/** Written from Fivetran's documents alone and importing nothing of `src/`. */
export interface FivetranRequest {
  readonly secret: string;
  readonly body: string;
}

/**
 * HMAC-SHA256 of the raw body under the secret's text, as upper-case hex:
 * https://fivetran.com/docs/rest-api/getting-started/webhooks#signing
 */
export async function signFivetran({
  secret,
  body,
}: FivetranRequest): Promise<Readonly<Record<string, string>>> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(body));
  return { "x-fivetran-signature-256": Buffer.from(signature).toString("hex").toUpperCase() };
}
