/** Written from Zoho's documents alone and importing nothing of `src/`. */
export interface ZohoBillingRequest {
  readonly secret: string;
  readonly url: string;
  readonly body: string;
  /** Whether the body is x-www-form-urlencoded; JSON where absent. */
  readonly form?: boolean;
  /** Hex where absent: the documents do not say. */
  readonly encoding?: "hex" | "base64";
}

/**
 * What is hashed: parameters of query and form by name, name and value without anything between,
 * then the raw JSON. https://www.zoho.com/billing/kb/webhooks/securing-webhooks.html
 */
export function zohoBillingString({ url, body, form = false }: ZohoBillingRequest): string {
  const query = [...new URL(url).searchParams.entries()];
  const fields = form ? [...new URLSearchParams(body).entries()] : [];
  const pairs = [...query, ...fields].toSorted(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1));
  return pairs.map((pair) => pair.join("")).join("") + (form ? "" : body);
}

export async function signZohoBilling(
  request: ZohoBillingRequest,
): Promise<Readonly<Record<string, string>>> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const secret = utf8.encode(request.secret);
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const text = zohoBillingString(request);
  const signature = Buffer.from(await crypto.subtle.sign("HMAC", key, utf8.encode(text)));
  return { "x-zoho-webhook-signature": signature.toString(request.encoding ?? "hex") };
}
