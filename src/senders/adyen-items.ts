import * as z from "zod";
import { parseJson } from "./read/json.ts";
import { looseOf } from "./read/loose.ts";
import type { Scheme } from "./sender.ts";
import { decode } from "./verify/bytes.ts";
import { matchSecret, type Match } from "./verify/checks.ts";
import { hmacKey } from "./verify/keys.ts";
import { checkEncodedSecret } from "./verify/secrets.ts";
import { doubt, found, startTrail, type Found } from "./verify/trail.ts";

/** Adyen sends one item a request in JSON: https://docs.adyen.com/development-resources/webhooks */
export const ITEMS_MAX = 100;

/** Joined by colons and not escaped: only while one field alone may hold any is the text unambiguous. */
const plain = z.string().regex(/^[^:]*$/);

/**
 * The eight fields that are signed, as they stand in an item: all that is proven of it. What is
 * missing is signed as if it were empty.
 */
export const SignedItem = z.looseObject({
  pspReference: plain.nullish(),
  originalReference: plain.nullish(),
  merchantAccountCode: plain.nullish(),
  merchantReference: z.string().nullish(),
  amount: z.looseObject({ value: z.int().nullish(), currency: plain.nullish() }).nullish(),
  eventCode: plain.nullish(),
  success: z.union([z.enum(["true", "false"]), z.boolean()]).nullish(),
});
export type SignedItem = z.output<typeof SignedItem>;

/** The items of a payments webhook, none of which is judged yet. */
export const Items = z
  .looseObject({ notificationItems: z.array(z.unknown()).min(1).max(ITEMS_MAX) })
  .transform(({ notificationItems }) =>
    notificationItems.map((entry) => looseOf(entry)["NotificationRequestItem"]),
  );

const Signature = z.looseObject({
  additionalData: z.looseObject({ hmacSignature: z.string().min(1) }),
});

/**
 * Each item carries its own signature in the body, and all of them have to hold. A secret's text is
 * hex: https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
 */
export const adyenItemHmac: Scheme = {
  covers: "body",
  checkSecret: (secret) => checkEncodedSecret(secret, "hex"),

  async verify({ body }, { secrets }) {
    const trail = startTrail();
    const claims = trail.note("signatures in the body", readClaims(body));
    if (claims === undefined) return trail.verdict();
    const detail = `hmac-sha256 of eight fields joined by colons, of ${claims.length} items`;
    trail.note("signed fields", found(true, detail));
    trail.note("signature", await matchSecret(secrets, (secret) => match(secret, claims)));
    return trail.verdict();
  },
};

interface Claim {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const utf8 = new TextEncoder();

function readClaims(body: Uint8Array): Found<readonly Claim[]> {
  const parsed = parseJson(body);
  const items = Items.safeParse(parsed.ok ? parsed.value : undefined);
  if (!items.success) {
    return doubt("signature_missing", `The body holds no list of 1 to ${ITEMS_MAX} items`);
  }
  const claims: Claim[] = [];
  for (const [at, item] of items.data.entries()) {
    const held = Signature.safeParse(item);
    if (!held.success) {
      return doubt("signature_missing", `Item ${at} has no additionalData.hmacSignature`);
    }
    const signature = decode(held.data.additionalData.hmacSignature, "base64");
    const fields = SignedItem.safeParse(item);
    if (signature === undefined || !fields.success) {
      return doubt("signature_malformed", `Item ${at} does not have the form that is signed`);
    }
    claims.push({ signed: utf8.encode(signedText(fields.data)), signature });
  }
  return found(claims, `Read the signatures of ${claims.length} items`);
}

const signedText = (item: SignedItem): string =>
  [
    item.pspReference,
    item.originalReference,
    item.merchantAccountCode,
    item.merchantReference,
    item.amount?.value,
    item.amount?.currency,
    item.eventCode,
    item.success,
  ]
    .map((field) => field ?? "")
    .join(":");

async function match(secret: string, claims: readonly Claim[]): Promise<Match> {
  const bytes = decode(secret, "hex-any");
  if (bytes === undefined) return "unusable";
  const key = await hmacKey(`hex ${secret}`, bytes, "SHA-256");
  for (const { signature, signed } of claims) {
    if (!(await crypto.subtle.verify("HMAC", key, signature, signed))) return "mismatched";
  }
  return "matched";
}
