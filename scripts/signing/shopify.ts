/**
 * Signs as Shopify does. Written from its documents alone and importing nothing of `src/`: a
 * mistake shared with the verifier would hide itself from the tests.
 */

const utf8 = new TextEncoder();

export interface ShopifyRequest {
  /** The app's client secret, or the secret a shop's admin shows, as the text it is. */
  readonly secret: string;
  readonly body: string;
  /** The newer events drop the `X-`. */
  readonly family?: "x-shopify" | "shopify";
}

/** https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook */
export async function signShopify(request: ShopifyRequest): Promise<Record<string, string>> {
  const { secret, body, family = "x-shopify" } = request;
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), hmac, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(body));
  return { [`${family}-hmac-sha256`]: Buffer.from(signature).toString("base64") };
}
