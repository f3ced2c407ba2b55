import type { Delivery, Means, Scheme, SourceAuth } from "../sender.ts";
import { decode, type Encoding, equalBytes, fromText } from "./bytes.ts";
import { checkAge, matchSecret, readOne, type Match, type Window } from "./checks.ts";
import { type Grammar, parseSignature } from "./grammar.ts";
import {
  type HmacHash,
  hmacKey,
  PUBLIC_KEY_ALGORITHMS,
  type PublicKeyAlgorithm,
  publicKey,
} from "./keys.ts";
import { checkEncodedSecret, checkPublicKey, checkTextSecret, tryPublicKey } from "./secrets.ts";
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
  readonly encoding: Encoding;
  readonly algorithm: Algorithm;
  readonly signed: string;
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
          ? matchDigest(signed.bytesOf({ ...known, secret }), candidates)
          : match(recipe, { secret, bytes, candidates }),
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
    .map((candidate) => decode(candidate, encoding))
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

interface Claim {
  readonly secret: string;
  readonly bytes: Uint8Array;
  readonly candidates: readonly Uint8Array[];
}

async function match(
  { algorithm, secret: form = "text" }: SignatureRecipe,
  { secret, bytes, candidates }: Claim,
): Promise<Match> {
  if (secret === "" || algorithm === "sha256") return "unusable";
  if (isPublicKeyAlgorithm(algorithm))
    return matchPublicKey(algorithm, { secret, bytes, candidates });

  const keyBytes = form === "text" ? fromText(secret) : decode(secret, form);
  if (keyBytes === undefined) return "unusable";
  const key = await hmacKey(`${form} ${secret}`, keyBytes, HMAC_HASHES[algorithm]);
  return matchHmac(key, bytes, candidates);
}

/** One pass over the body, however many signatures a stranger lists. */
export async function matchHmac(
  key: CryptoKey,
  bytes: Uint8Array,
  candidates: readonly Uint8Array[],
): Promise<Match> {
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) {
    return (await crypto.subtle.verify("HMAC", key, only, bytes)) ? "matched" : "mismatched";
  }
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  const matches = candidates.filter((candidate) => equalBytes(mac, candidate));
  return matches.length > 0 ? "matched" : "mismatched";
}

/** Whether one of the candidates is a signature of the bytes under a public key's text. */
export async function matchPublicKey(
  algorithm: PublicKeyAlgorithm,
  { secret, bytes, candidates }: Claim,
): Promise<Match> {
  let key: CryptoKey;
  try {
    key = await publicKey(secret, algorithm);
  } catch {
    return "unusable";
  }
  const { verify } = PUBLIC_KEY_ALGORITHMS[algorithm];
  for (const candidate of candidates) {
    if (await crypto.subtle.verify(verify, key, candidate, bytes)) return "matched";
  }
  return "mismatched";
}

async function matchDigest(signed: Uint8Array, candidates: readonly Uint8Array[]): Promise<Match> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", signed));
  const matches = candidates.filter((candidate) => equalBytes(digest, candidate));
  return matches.length > 0 ? "matched" : "mismatched";
}
