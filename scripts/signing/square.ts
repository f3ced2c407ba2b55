/**
 * Signs as Square does. Written from its documents alone and importing nothing of `src/`: a
 * mistake shared with the verifier would hide itself from the tests.
 */

const utf8 = new TextEncoder();

export interface SquareRequest {
  /** The subscription's signature key, as the text it is. */
  readonly secret: string;
  /** The notification URL exactly as the subscription has it. */
  readonly url: string;
  readonly body: string;
}

/** https://developer.squareup.com/docs/webhooks/step3validate */
export async function signSquare(request: SquareRequest): Promise<Record<string, string>> {
  const { secret, url, body } = request;
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), hmac, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(`${url}${body}`));
  return { "x-square-hmacsha256-signature": Buffer.from(signature).toString("base64") };
}
