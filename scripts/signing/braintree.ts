/**
 * Signs as Braintree does. Written from its documents alone and importing nothing of `src/`: a
 * mistake shared with the verifier would hide itself from the tests.
 */

const utf8 = new TextEncoder();

/** HMAC-SHA1 under the SHA-1 of the private key, in lower-case hex. */
async function digestOf(privateKey: string, text: string): Promise<string> {
  const hashed = await crypto.subtle.digest("SHA-1", utf8.encode(privateKey));
  const hmac = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", hashed, hmac, false, ["sign"]);
  return Buffer.from(await crypto.subtle.sign("HMAC", key, utf8.encode(text))).toString("hex");
}

/** `publicKey|digest`, from a secret `publicKey:privateKey`: of a payload, or of a challenge. */
export async function signBraintree(secret: string, text: string): Promise<string> {
  const [publicKey = "", privateKey = ""] = secret.split(":");
  return `${publicKey}|${await digestOf(privateKey, text)}`;
}

/** https://developer.paypal.com/braintree/docs/guides/webhooks/parse */
export const payloadOf = (xml: string): string =>
  `${Buffer.from(xml)
    .toString("base64")
    .replaceAll(/(.{60})/g, "$1\n")}\n`;

/** The form Braintree posts. Several key pairs, as while one is replaced, give several pairs. */
export async function signBraintreeForm(
  secrets: readonly string[],
  payload: string,
): Promise<string> {
  const pairs: string[] = [];
  for (const secret of secrets) pairs.push(await signBraintree(secret, payload));
  return new URLSearchParams({ bt_signature: pairs.join("&"), bt_payload: payload }).toString();
}
