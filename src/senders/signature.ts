import { equalBytes, fromText } from "./bytes.ts";
import { checkAge, matchSecret, readOne, type Match, type Window } from "./checks.ts";
import { hmacSha256Key } from "./keys.ts";
import type { Delivery, SourceAuth, Verify } from "./sender.ts";
import { template } from "./template.ts";
import { doubt, found, startTrail, type Found } from "./trail.ts";

/** More than any sender holds secrets live: each one costs a pass over the body. */
export const CANDIDATES_MAX = 16;

interface Signed {
  readonly candidates: readonly string[];
  readonly timestamp?: string;
}

/** Takes a signature header apart; nothing, where it does not follow the grammar. */
type Grammar = (header: string) => Signed | undefined;

/**
 * A signature with a shared secret, told as data: most products differ in nothing else.
 * `signed` may name `{method}`, `{url}`, `{body}`, `{timestamp}` and, without HMAC, `{secret}`.
 */
export interface SignatureRecipe {
  readonly header: string;
  readonly grammar: Grammar;
  readonly encoding: (text: string) => Uint8Array | undefined;
  readonly digest: "hmac-sha256" | "sha256";
  readonly signed: string;
  /** Where the timestamp is not part of the signature header. */
  readonly timestampHeader?: string;
  readonly window?: Window;
  /** How the sender writes the URL it signs, where that is not the URL itself. */
  readonly writeUrl?: (url: string) => string;
}

/** The whole header is the signature. */
export const bare: Grammar = (header) => ({ candidates: [header] });

/** `t=1785000000,v1=<hex>,v1=<hex>`: one signature for each secret live; other names are skipped. */
export const fields =
  (names: { readonly signature: string; readonly timestamp: string }): Grammar =>
  (header) => {
    const pairs = header.split(",").map((field) => {
      const at = field.indexOf("=");
      return { name: field.slice(0, Math.max(at, 0)), value: field.slice(at + 1) };
    });
    const valuesOf = (wanted: string) =>
      pairs.filter(({ name }) => name === wanted).map(({ value }) => value);
    const [timestamp, ...others] = valuesOf(names.timestamp);
    if (others.length > 0) return undefined;
    const candidates = valuesOf(names.signature);
    return timestamp === undefined ? { candidates } : { candidates, timestamp };
  };

/** The verification a recipe describes. Age comes first: a stale replay costs no HMAC. */
export function verifySignature(recipe: SignatureRecipe): Verify {
  const signed = template(recipe.signed);

  return async (delivery, auth) => {
    const trail = startTrail();
    const signature = trail.note("signature header", readSignature(recipe, delivery));
    if (signature === undefined) return trail.verdict();

    const timestamp = trail.note("timestamp", readTimestamp(recipe, signature, delivery));
    if (timestamp === undefined) return trail.verdict();

    const values = {
      method: delivery.method,
      url: (recipe.writeUrl ?? asIs)(publicUrl(delivery, auth)),
      body: delivery.body,
      timestamp,
    };
    const bytes = signed.bytesOf(values);
    trail.note("signed bytes", describe(recipe, bytes.length));

    const { candidates } = signature;
    trail.note(
      "signature",
      await matchSecret(auth.secrets, (secret) =>
        recipe.digest === "sha256"
          ? matchDigest(signed.bytesOf({ ...values, secret }), candidates)
          : matchHmac(secret, bytes, candidates),
      ),
    );
    return trail.verdict();
  };
}

/**
 * The URL as the sender knows it. One configured without a query is the endpoint's: what the
 * sender appended to it is found in the delivery.
 */
function publicUrl(delivery: Delivery, auth: SourceAuth): string {
  if (auth.url === undefined) return delivery.url;
  if (auth.url.includes("?")) return auth.url;
  const query = delivery.url.indexOf("?");
  return query === -1 ? auth.url : auth.url + delivery.url.slice(query);
}

interface Candidates {
  readonly candidates: readonly Uint8Array[];
  readonly timestamp?: string;
}

function readSignature(recipe: SignatureRecipe, delivery: Delivery): Found<Candidates> {
  const { header, grammar, encoding } = recipe;
  const text = readOne(delivery, header, "signature");
  if (!text.ok) return text;

  const signed = grammar(text.value);
  if (signed === undefined || signed.candidates.length > CANDIDATES_MAX) {
    return doubt("signature_malformed", `Header "${header}" does not follow its grammar`);
  }
  const candidates = signed.candidates
    .map((candidate) => encoding(candidate))
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

function readTimestamp(
  { timestampHeader, window, header }: SignatureRecipe,
  signature: Candidates,
  delivery: Delivery,
): Found<string> {
  if (window === undefined) return found("", "This scheme signs no time");

  let text = signature.timestamp;
  if (timestampHeader !== undefined) {
    const one = readOne(delivery, timestampHeader, "timestamp");
    if (!one.ok) return one;
    text = one.value;
  }
  if (text === undefined) return doubt("timestamp_missing", `No timestamp in "${header}"`);

  const age = checkAge(text, window, delivery.receivedAtMs);
  return age.ok ? found(text, age.detail) : age;
}

const asIs = (url: string): string => url;

/** The length leaves the secret out, where it is among what is hashed. */
const describe = (recipe: SignatureRecipe, length: number): Found<true> =>
  found(true, `${recipe.digest} of ${recipe.signed}: ${length} bytes besides the secret`);

async function matchHmac(
  secret: string,
  signed: Uint8Array,
  candidates: readonly Uint8Array[],
): Promise<Match> {
  if (secret === "") return "unusable";
  const key = await hmacSha256Key(`text ${secret}`, fromText(secret));
  for (const candidate of candidates) {
    if (await crypto.subtle.verify("HMAC", key, candidate, signed)) return "matched";
  }
  return "mismatched";
}

async function matchDigest(signed: Uint8Array, candidates: readonly Uint8Array[]): Promise<Match> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", signed));
  const matches = candidates.filter((candidate) => equalBytes(digest, candidate));
  return matches.length > 0 ? "matched" : "mismatched";
}
