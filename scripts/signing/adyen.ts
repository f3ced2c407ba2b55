/**
 * Signs as Adyen does. Written from its documents alone and importing nothing of `src/`: a mistake
 * shared with the verifier would hide itself from the tests.
 */

const utf8 = new TextEncoder();

/** An item as it stands in the JSON of a payments webhook. */
interface AdyenItem {
  readonly pspReference?: string;
  readonly originalReference?: string | null;
  readonly merchantAccountCode?: string;
  readonly merchantReference?: string;
  readonly amount?: { readonly value?: number; readonly currency?: string };
  readonly eventCode?: string;
  readonly success?: string | boolean;
}

async function hmacBase64(hexKey: string, text: string): Promise<string> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const bytes = Buffer.from(hexKey, "hex");
  const key = await crypto.subtle.importKey("raw", bytes, hmac, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8.encode(text));
  return Buffer.from(signature).toString("base64");
}

/** https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures */
export const signAdyenItem = (hexKey: string, item: AdyenItem): Promise<string> =>
  hmacBase64(
    hexKey,
    [
      item.pspReference,
      item.originalReference,
      item.merchantAccountCode,
      item.merchantReference,
      item.amount?.value,
      item.amount?.currency,
      item.eventCode,
      item.success,
    ].join(":"),
  );

/**
 * A payments webhook with the signature of each item put in front of its `additionalData`, all
 * other characters left as they are.
 */
export async function signAdyenBody(hexKey: string, body: string): Promise<string> {
  const { notificationItems } = JSON.parse(body.replace(/^\uFEFF/, ""));
  const parts = body.split(/(?<="additionalData": ?\{)/);
  const signed: string[] = [];
  for (const [at, part] of parts.entries()) {
    const item = notificationItems[at]?.NotificationRequestItem;
    signed.push(part);
    if (item === undefined) continue;
    const comma = Object.keys(item.additionalData).length === 0 ? "" : ",";
    signed.push(`"hmacSignature":"${await signAdyenItem(hexKey, item)}"${comma}`);
  }
  return signed.join("");
}

/** Platform and management webhooks sign the body as a whole. */
export async function signAdyenHeader(
  hexKey: string,
  body: string,
): Promise<Record<string, string>> {
  return { hmacsignature: await hmacBase64(hexKey, body), protocol: "HmacSHA256" };
}
