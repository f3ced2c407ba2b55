import { translateBraintree } from "./braintree-facts.ts";
import { formOf, isChallenge, notificationOf, type Notification } from "./braintree-payload.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { looseOf, textOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import type { Item, Reading, ReadingContext, Reply, Scheme, Sender } from "./sender.ts";
import { decode, fromText } from "./verify/bytes.ts";
import { matchSecret, type Match } from "./verify/checks.ts";
import { hmacKey } from "./verify/keys.ts";
import { CANDIDATES_MAX } from "./verify/signature.ts";
import { doubt, found, startTrail, type Found } from "./verify/trail.ts";

/** HMAC-SHA1 under the SHA-1 of the private key; a secret's text is `publicKey:privateKey`. */
const braintreeSha1: Scheme = {
  covers: "body",

  checkSecret(secret) {
    if (/\s/.test(secret)) return "The secret contains white space: was it copied whole?";
    const keys = keysOf(secret);
    if (keys === undefined) return "The secret is not publicKey:privateKey";
    const { length } = keys.privateKey;
    return length < 16 ? `The private key has ${length} characters, fewer than 16` : undefined;
  },

  async verify({ body }, { secrets }) {
    const trail = startTrail();
    const form = formOf(body);
    const claim = trail.note("form", form.ok ? readClaim(form.value) : notSigned(form.refusal));
    if (claim === undefined) return trail.verdict();
    const detail = `hmac-sha1 of bt_payload: ${claim.payload.length} characters`;
    trail.note("signed text", found(true, detail));
    trail.note("signature", await matchSecret(secrets, (secret) => match(secret, claim)));
    return trail.verdict();
  },
};

interface Keys {
  readonly publicKey: string;
  readonly privateKey: string;
}

function keysOf(secret: string): Keys | undefined {
  const colon = secret.indexOf(":");
  if (colon < 1 || colon === secret.length - 1) return undefined;
  return { publicKey: secret.slice(0, colon), privateKey: secret.slice(colon + 1) };
}

interface Claim {
  readonly payload: string;
  readonly pairs: readonly { readonly publicKey: string; readonly digest: string }[];
}

const notSigned = ([fault]: readonly { path: string; message: string }[]): Found<never> =>
  doubt("signature_missing", `The body is no form that is signed: ${fault?.path ?? ""}`);

/** `public|digest`, joined by `&` while several key pairs are live. */
function readClaim(form: { signature: string; payload: string }): Found<Claim> {
  const pairs = form.signature.split("&").map((pair) => {
    const [publicKey = "", digest = ""] = pair.split("|");
    return { publicKey, digest };
  });
  if (pairs.length > CANDIDATES_MAX) {
    return doubt("signature_malformed", `bt_signature lists more than ${CANDIDATES_MAX} pairs`);
  }
  return found({ payload: form.payload, pairs }, `Read bt_signature: ${pairs.length} pairs`);
}

/** A line break at the end is lost on the way now and then: Braintree's library allows for it. */
async function match(secret: string, { payload, pairs }: Claim): Promise<Match> {
  const keys = keysOf(secret);
  if (keys === undefined) return "unusable";
  const key = await keyOf(keys);
  const ours = pairs.filter(({ publicKey }) => publicKey === keys.publicKey);
  for (const { digest } of ours) {
    const bytes = decode(digest, "hex-lower");
    if (bytes === undefined) continue;
    for (const text of [payload, `${payload}\n`]) {
      if (await crypto.subtle.verify("HMAC", key, bytes, fromText(text))) return "matched";
    }
  }
  return "mismatched";
}

async function keyBytesOf({ privateKey }: Keys): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-1", fromText(privateKey)));
}

const keyOf = async (keys: Keys): Promise<CryptoKey> =>
  hmacKey(`braintree ${keys.privateKey}`, await keyBytesOf(keys), "SHA-1");

/**
 * Braintree's webhooks: https://developer.paypal.com/braintree/docs/guides/webhooks/parse
 * A form whose payload is base64 of XML.
 */
export const braintree: Sender = {
  name: "braintree",
  family: "product",
  defaultScheme: "braintree-sha1",
  schemes: { "braintree-sha1": braintreeSha1 },
  readHeaders: [],
  checkOptions: productOptions(),

  read({ body }, context): Reading {
    const form = formOf(body);
    if (!form.ok) return { kind: "malformed", errors: form.refusal };
    const { payload } = form.value;
    const told = notificationOf(payload);
    if (!told.ok) return { kind: "malformed", errors: told.refusal };
    if (told.value === undefined) {
      const message = "Must be a notification with kind, timestamp and subject";
      const errors = [{ path: "bt_payload", rule: "required", message }];
      const id = unreadableId(payload);
      return { kind: "items", items: [{ kind: "broken", id, code: "contract_violated", errors }] };
    }
    if (told.value.kind === "check") {
      return { kind: "items", items: [], ignored: "A test notification of the Control Panel" };
    }
    return { kind: "items", items: [readNotification(told.value, payload, context)] };
  },

  greetMethods: ["GET"],
  greet: async ({ method, url }, { secrets }) =>
    method === "GET"
      ? answer(new URL(url).searchParams.get("bt_challenge"), secrets[0])
      : undefined,
};

/** The first secret answers: nothing in a challenge says which key pair it is for. */
async function answer(
  challenge: string | null,
  secret: string | undefined,
): Promise<Reply | undefined> {
  const keys = keysOf(secret ?? "");
  if (challenge === null || !isChallenge(challenge) || keys === undefined) return undefined;
  const hmac = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", await keyBytesOf(keys), hmac, false, ["sign"]);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, fromText(challenge)));
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    status: 200,
    headers: { "content-type": "text/plain" },
    body: `${keys.publicKey}|${hex}`,
  };
}

function readNotification(told: Notification, payload: string, context: ReadingContext): Item {
  const { kind, timestamp, subject } = told;
  const [thing] = Object.values(subject).map(looseOf);
  const name = textOf(thing?.["id"]) ?? textOf(thing?.["payment_id"]) ?? fingerprint(payload);
  return readTelling(
    {
      id: idOf(kind, name, timestamp),
      type: kind,
      occurredAtMs: told.occurredAtMs ?? -1,
      payload: { kind, timestamp, subject },
      fact: translateBraintree(kind, subject),
    },
    context,
  );
}
