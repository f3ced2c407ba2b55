import type { Delivery, Means, Scheme, SourceAuth } from "../sender.ts";
import { decode, type Encoding, fromText, type SignatureEncoding } from "./bytes.ts";
import { checkAge, matchSecret, readOne, type Match, type Window } from "./checks.ts";
import { ECDSA_BYTES, fromDer, isEcdsa } from "./ecdsa.ts";
import { type Grammar, parseSignature } from "./grammar.ts";
import { keysFor } from "./key-set.ts";
import { type HmacHash, hmacKey, PUBLIC_KEY_ALGORITHMS, type PublicKeyAlgorithm } from "./keys.ts";
import { type Claim, matchDigest, matchHmac, matchPublicKey } from "./match.ts";
import {
  checkEncodedSecret,
  checkPublicKey,
  checkTextSecret,
  keyBytes,
  tryPublicKey,
} from "./secrets.ts";
import { template } from "./template.ts";
import { doubt, found, startTrail, type Found } from "./trail.ts";

/** More than any sender holds secrets live: each one costs a pass over the body. */
export const CANDIDATES_MAX = 16;

const HMAC_HASHES = {
  "hmac-sha1": "SHA-1",
  "hmac-sha256": "SHA-256",
  "hmac-sha512": "SHA-512",
} as const satisfies Record<string, HmacHash>;

/** `sha256` is a plain digest that has the secret among what is hashed. */
export type Algorithm = keyof typeof HMAC_HASHES | "sha256" | PublicKeyAlgorithm;

/**
 * A signature told as data: most products differ in nothing else. `signed` may name `{method}`,
 * `{url}`, `{path}` (with its query), `{body}`, `{timestamp}`, `{header:name}` and, without HMAC,
 * `{secret}`.
 */
export interface SignatureRecipe {
  /** Lower case; of several spellings the first one present counts. */
  readonly header: string | readonly string[];
  readonly grammar: Grammar;
  readonly encoding: SignatureEncoding;
  readonly algorithm: Algorithm;
  readonly signed: string;
  /** How ECDSA's two numbers are written: side by side (RFC 9421 §3.3.4), or in DER. */
  readonly form?: "raw" | "der";
  /** How an HMAC secret's text becomes the key; its UTF-8 bytes where absent. */
  readonly secret?: "text" | Encoding;
  /** How long a signature is believed; `header` where the moment is not in the signature header. */
  readonly time?: Window & { readonly header?: string };
  /** How the sender writes the URL it signs, where that is not the URL itself. */
  readonly writeUrl?: (url: string) => string;
  /** Secrets that the product's documents print: nothing is taken in by them. */
  readonly published?: readonly string[];
}

/** The scheme a recipe describes. Age comes first: a stale replay costs no HMAC. */
export function verifySignature(recipe: SignatureRecipe): Scheme {
  const signed = template(recipe.signed);

  async function verify(delivery: Delivery, auth: SourceAuth, _means: Means) {
    const trail = startTrail();
    const signature = trail.note("signature header", readSignature(recipe, delivery));
    if (signature === undefined) return trail.verdict();

    const timestamp = trail.note("timestamp", readTimestamp(recipe, signature, delivery));
    if (timestamp === undefined) return trail.verdict();

    const values = trail.note(
      "signed headers",
      signedValues(recipe, signed.places, delivery, auth),
    );
    if (values === undefined) return trail.verdict();
    const known = { ...values, timestamp };
    const bytes = signed.bytesOf(known);
    trail.note("signed bytes", describe(recipe, bytes.length));

    const { candidates } = signature;
    trail.note(
      "signature",
      await matchSecret(auth.secrets, (secret) =>
        recipe.algorithm === "sha256"
          ? matchDigest({ bytes: signed.bytesOf({ ...known, secret }), candidates })
          : match(recipe, secret, { bytes, candidates }),
      ),
    );
    return trail.verdict();
  }

  const { published, algorithm } = recipe;
  return {
    verify,
    checkSecret: (secret) => checkSecret(recipe, secret),
    covers: "body",
    ...(isPublicKeyAlgorithm(algorithm)
      ? { tryKey: (secret: string) => tryPublicKey(secret, algorithm) }
      : {}),
    ...(published === undefined ? {} : { published }),
  };
}

function checkSecret(recipe: SignatureRecipe, secret: string): string | undefined {
  const { algorithm, secret: form = "text" } = recipe;
  if (isPublicKeyAlgorithm(algorithm)) return checkPublicKey(secret);
  return form === "text" ? checkTextSecret(secret) : checkEncodedSecret(secret, form);
}

export const isPublicKeyAlgorithm = (algorithm: Algorithm): algorithm is PublicKeyAlgorithm =>
  Object.hasOwn(PUBLIC_KEY_ALGORITHMS, algorithm);

type Values = Readonly<Record<string, string | Uint8Array>>;

/** What the template names, besides the timestamp. A header that is signed has to be there. */
function signedValues(
  recipe: SignatureRecipe,
  places: readonly string[],
  delivery: Delivery,
  auth: SourceAuth,
): Found<Values> {
  const url = publicUrl(delivery, auth);
  const values: Record<string, string | Uint8Array> = {
    method: delivery.method,
    url: (recipe.writeUrl ?? asIs)(url),
    path: pathOf(url),
    body: delivery.body,
  };
  const named = places.filter((place) => place.startsWith("header:"));
  for (const place of named) {
    const header = readOne(delivery, place.slice("header:".length), "signature");
    if (!header.ok) return header;
    values[place] = header.value;
  }
  return found(values, named.length === 0 ? "This scheme signs no header" : named.join(", "));
}

/**
 * The URL as the sender knows it. One configured without a query is the endpoint's: what the
 * sender appended to it is found in the delivery.
 */
export function publicUrl(delivery: Delivery, auth: SourceAuth): string {
  if (auth.url === undefined) return delivery.url;
  if (auth.url.includes("?")) return auth.url;
  const query = delivery.url.indexOf("?");
  return query === -1 ? auth.url : auth.url + delivery.url.slice(query);
}

/** Path and query, as the request line has them. */
const pathOf = (url: string): string => url.replace(/^[a-z]+:\/\/[^/?#]*/i, "");

interface Candidates {
  readonly candidates: readonly Uint8Array[];
  readonly timestamp?: string;
}

function readSignature(recipe: SignatureRecipe, delivery: Delivery): Found<Candidates> {
  const { grammar, encoding } = recipe;
  const header = headerOf(recipe, delivery);
  const text = readOne(delivery, header, "signature");
  if (!text.ok) return text;

  const signed = parseSignature(grammar, text.value);
  if (signed === undefined || signed.candidates.length > CANDIDATES_MAX) {
    return doubt("signature_malformed", `Header "${header}" does not follow its grammar`);
  }
  const candidates = signed.candidates
    .map((candidate) => rawOf(recipe, decode(candidate, encoding)))
    .filter((bytes) => bytes !== undefined);
  if (candidates.length === 0) {
    return doubt("signature_malformed", `Header "${header}" holds no readable signature`);
  }
  const { timestamp } = signed;
  return found(
    timestamp === undefined ? { candidates } : { candidates, timestamp },
    `Read "${header}": ${candidates.length} to compare`,
  );
}

/** WebCrypto takes the numbers side by side alone. */
function rawOf({ algorithm, form }: SignatureRecipe, bytes: Uint8Array | undefined) {
  if (bytes === undefined || form !== "der" || !isEcdsa(algorithm)) return bytes;
  return fromDer(bytes, ECDSA_BYTES[algorithm]);
}

function headerOf({ header }: SignatureRecipe, delivery: Delivery): string {
  if (typeof header === "string") return header;
  return header.find((name) => delivery.header(name) !== undefined) ?? header[0] ?? "";
}

function readTimestamp(
  recipe: SignatureRecipe,
  signature: Candidates,
  delivery: Delivery,
): Found<string> {
  const { time } = recipe;
  if (time === undefined) return found("", "This scheme signs no time");

  let text = signature.timestamp;
  if (time.header !== undefined) {
    const one = readOne(delivery, time.header, "timestamp");
    if (!one.ok) return one;
    text = one.value;
  }
  if (text === undefined) {
    return doubt("timestamp_missing", `No timestamp in "${headerOf(recipe, delivery)}"`);
  }
  const age = checkAge(text, time, delivery.receivedAtMs);
  return age.ok ? found(text, age.detail) : age;
}

const asIs = (url: string): string => url;

/** The length leaves the secret out, where it is among what is hashed. */
const describe = (recipe: SignatureRecipe, length: number): Found<true> =>
  found(true, `${recipe.algorithm} of ${recipe.signed}: ${length} bytes besides the secret`);

async function match(
  { algorithm, secret: form = "text" }: SignatureRecipe,
  secret: string,
  claim: Claim,
): Promise<Match> {
  if (secret === "" || algorithm === "sha256") return "unusable";
  if (isPublicKeyAlgorithm(algorithm)) {
    // No header names the key: of a set each that fits is tried.
    const keys = keysFor(secret, algorithm).map(({ text }) => text);
    return matchPublicKey(algorithm, keys, claim);
  }

  const raw = form === "text" ? fromText(secret) : keyBytes(secret, form);
  if (raw === undefined) return "unusable";
  const key = await hmacKey(`${form} ${secret}`, raw, HMAC_HASHES[algorithm]);
  return matchHmac(key, claim);
}
