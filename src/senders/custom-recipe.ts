import * as z from "zod";
import { jwtBearer } from "./verify/jwt.ts";
import type { Scheme } from "./sender.ts";
import { ENCODINGS } from "./verify/bytes.ts";
import { mtlsPin } from "./verify/certificate.ts";
import { isEcdsa } from "./verify/ecdsa.ts";
import { httpSignature } from "./verify/http-signature.ts";
import { HTTP_SIGNATURE_ALGORITHMS } from "./verify/http-signature-key.ts";
import type { PublicKeyAlgorithm } from "./verify/keys.ts";
import { type SignatureRecipe, verifySignature } from "./verify/signature.ts";
import { basic, bearerToken, headerToken, urlToken } from "./verify/token.ts";

/** A field name of RFC 9110 §5.1; in lower case, as a template writes it. */
export const HeaderName = z
  .string()
  .max(64)
  .regex(/^[\w-]+$/, "Is no name of a header")
  .transform((name) => name.toLowerCase());

/** `, ` joins a header that came twice, which is refused before it is taken apart. */
const Separator = z
  .string()
  .min(1)
  .max(4)
  .refine((text) => !text.includes(", "), 'Must not hold ", "');

const GrammarText = z.string().min(1).max(32);

const Grammar = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("bare"), prefix: GrammarText.exactOptional() }),
  z.strictObject({
    kind: z.literal("fields"),
    signature: GrammarText,
    timestamp: GrammarText.exactOptional(),
    separator: Separator.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("list"),
    separator: Separator,
    prefix: GrammarText.exactOptional(),
  }),
]);

const HMACS = ["hmac-sha256", "hmac-sha512", "hmac-sha1"] as const;
const PUBLIC_KEYS = [
  "ed25519",
  "rsa-sha256",
  "rsa-pss-sha512",
  "ecdsa-p256-sha256",
  "ecdsa-p384-sha384",
] as const satisfies readonly PublicKeyAlgorithm[];

/** A week, in each unit: what is older was not delayed but kept back. */
const AGE_MAX = { s: 604_800, ms: 604_800_000, iso: 604_800_000 } as const;

const Time = z
  .strictObject({
    unit: z.enum(["s", "ms", "iso"]),
    /** In the unit; of `iso` in milliseconds. */
    age_max: z.int().min(1),
    ahead_max: z.int().min(0),
    /** Where the moment does not stand in the signature's header. */
    header: HeaderName.exactOptional(),
  })
  .superRefine(({ unit, age_max: age, ahead_max: ahead }, context) => {
    const limit = AGE_MAX[unit];
    for (const [name, value] of [["age_max", age] as const, ["ahead_max", ahead] as const]) {
      if (value > limit) complain(context, [name], "maximum", `Must be at most ${limit}: a week`);
    }
  });

const Signature = z.strictObject({
  kind: z.literal("signature"),
  header: z.union([HeaderName, z.array(HeaderName).min(1).max(4)]),
  grammar: Grammar.default({ kind: "bare" }),
  encoding: z.enum(ENCODINGS),
  algorithm: z.enum([...HMACS, "sha256", ...PUBLIC_KEYS]),
  secret: z.enum(["text", ...ENCODINGS]).exactOptional(),
  form: z.enum(["raw", "der"]).exactOptional(),
  signed: z.string().min(1).max(256),
  time: Time.exactOptional(),
});
type Signature = z.output<typeof Signature>;

/** How a source of this tenant proves itself: a signature told as data, or something it shows. */
export const Recipe = z.discriminatedUnion("kind", [
  Signature.superRefine(checkSignature),
  z.strictObject({ kind: z.literal("rfc9421"), algorithm: z.enum(HTTP_SIGNATURE_ALGORITHMS) }),
  z.strictObject({ kind: z.literal("token"), header: HeaderName }),
  z.strictObject({ kind: z.literal("bearer") }),
  z.strictObject({ kind: z.literal("basic") }),
  z.strictObject({ kind: z.literal("jwt") }),
  z.strictObject({ kind: z.literal("mtls") }),
  z.strictObject({ kind: z.literal("url") }),
]);
export type Recipe = z.output<typeof Recipe>;

/** The places a template may name: see `SignatureRecipe`. */
const PLACE = /\{(?:method|url|path|body|timestamp|secret|header:[a-z\d-]+)\}/g;

interface Complaints {
  readonly addIssue: (issue: z.core.$ZodRawIssue<z.core.$ZodIssueCustom>) => void;
}

function complain(context: Complaints, path: readonly string[], rule: string, message: string) {
  context.addIssue({
    code: "custom",
    path: [...path],
    params: { rule },
    message,
    input: undefined,
  });
}

/** What no single member can say: what is signed has to be the body, and only what is known. */
function checkSignature(recipe: Signature, context: Complaints): void {
  const { signed, algorithm } = recipe;
  const names: readonly string[] = signed.match(PLACE) ?? [];
  const has = (place: string): boolean => names.includes(place);
  if (!has("{body}")) {
    complain(context, ["signed"], "body", "Must hold {body}: else any body would do");
  }
  if (/[{}]/.test(signed.replaceAll(PLACE, ""))) {
    const known = "{method} {url} {path} {body} {timestamp} {secret} {header:name-in-lower-case}";
    complain(context, ["signed"], "place", `May name ${known} and nothing else in braces`);
  }
  const isDigest = algorithm === "sha256";
  if (isDigest && !has("{secret}")) {
    complain(context, ["signed"], "secret", "Must hold {secret}: anybody can make a plain digest");
  }
  if (!isDigest && has("{secret}")) {
    complain(context, ["signed"], "secret", "May hold {secret} with the algorithm sha256 alone");
  }
  checkForms(recipe, context);
  checkPlaces(names, context);
  checkTime(recipe, has("{timestamp}"), context);
}

/** Forms that only some algorithms have. */
function checkForms({ algorithm, secret, form }: Signature, context: Complaints): void {
  const isHmac = HMACS.some((name) => name === algorithm);
  if (!isHmac && secret !== undefined) {
    complain(context, ["secret"], "unexpected", "Is the form of an HMAC's secret, of no other");
  }
  if (form !== undefined && !isEcdsa(algorithm)) {
    complain(context, ["form"], "unexpected", "Is how ECDSA writes its signatures, and no other");
  }
}

/** Each place is a pass over what stands there, the body too. */
function checkPlaces(names: readonly string[], context: Complaints): void {
  if (names.length > new Set(names).size) {
    complain(context, ["signed"], "repeated", "Must name each place once");
  }
}

/** A moment that is not signed says nothing, and one that is signed has to be judged. */
function checkTime({ grammar, time }: Signature, isSigned: boolean, context: Complaints): void {
  const inHeader = grammar.kind === "fields" && grammar.timestamp !== undefined;
  if (time === undefined) {
    if (isSigned)
      complain(context, ["time"], "required", "Is required where {timestamp} is signed");
    if (inHeader) complain(context, ["time"], "required", "Is required where grammar reads one");
    return;
  }
  if (!isSigned)
    complain(context, ["signed"], "timestamp", "Must hold {timestamp} where time is judged");
  if (inHeader === (time.header !== undefined)) {
    const message = "Must stand in grammar.timestamp or in time.header, and in one of them";
    complain(context, ["time", "header"], "timestamp", message);
  }
}

/** The scheme a recipe describes. */
export function schemeOf(recipe: Recipe): Scheme {
  switch (recipe.kind) {
    case "signature":
      return verifySignature(signatureOf(recipe));
    case "rfc9421":
      return httpSignature(recipe.algorithm);
    case "token":
      return headerToken(recipe.header);
    case "bearer":
      return bearerToken;
    case "basic":
      return basic;
    case "jwt":
      return jwtBearer;
    case "mtls":
      return mtlsPin;
    case "url":
      return urlToken;
  }
}

function signatureOf({ kind: _kind, time, ...rest }: Signature): SignatureRecipe {
  if (time === undefined) return rest;
  const { age_max: ageMax, ahead_max: aheadMax, ...window } = time;
  return { ...rest, time: { ...window, ageMax, aheadMax } };
}
