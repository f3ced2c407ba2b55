import {
  type InnerList,
  type Item,
  parseDictionary,
  serializeDictionary,
  serializeInnerList,
} from "structured-headers";
import type { Delivery, Scheme, SourceAuth, Verification } from "../sender.ts";
import { fromText } from "./bytes.ts";
import { checkAge, matchSecret } from "./checks.ts";
import { checkDigest } from "./content-digest.ts";
import {
  checkHttpKey,
  type Fixed,
  type HttpSignatureAlgorithm,
  isAllowed,
  matchHttpKey,
  tryHttpKey,
} from "./http-signature-key.ts";
import { type Component, signatureBase } from "./signature-base.ts";
import { doubt, found, startTrail, type Found } from "./trail.ts";

/** A request signed by more than a client and its gateways is none we expect. */
const LABELS_MAX = 8;
const COMPONENTS_MAX = 32;
/** How long a signature is believed: our policy, as RFC 9421 leaves it to the verifier (§3.2.1). */
const AGE_S_MAX = 300;

/** One signature of a request: a label that both headers hold. */
interface Labelled {
  readonly label: string;
  readonly components: readonly Component[];
  /** `@signature-params`: the inner list as RFC 9421 §2.3 writes it. */
  readonly params: string;
  readonly told: ReadonlyMap<string, unknown>;
  readonly signature: Uint8Array;
}

/** What a scheme asks of a signature. */
interface Terms {
  readonly algorithm: Fixed;
  /** Whether the whole request has to be covered and the signature fresh. */
  readonly isWhole: boolean;
}

/**
 * HTTP Message Signatures, RFC 9421, with Content-Digest, RFC 9530: method, URL and body covered,
 * `created` at most five minutes away. A secret's text is the key (base64 for HMAC; else PEM, JWK,
 * JWK Set or base64 of a public key), or JSON `{"keyid", "key"}`. Where it names a key, by `keyid`
 * or a JWK's `kid`, the request has to name the same.
 */
export const httpSignature = (algorithm: HttpSignatureAlgorithm): Scheme =>
  schemeOf({ algorithm, isWhole: true });

/**
 * The signature alone, under whichever kind of key the secret is: what it covers may be nothing
 * that matters, so it takes no delivery in.
 */
export const bareHttpSignature: Scheme = {
  ...schemeOf({ algorithm: undefined, isWhole: false }),
  isTrial: true,
};

function schemeOf(terms: Terms): Scheme {
  return {
    covers: terms.isWhole ? "body" : "nothing",
    checkSecret: (secret) => checkHttpKey(terms.algorithm, secret),
    tryKey: (secret) => tryHttpKey(terms.algorithm, secret),
    async verify(delivery, auth) {
      const trail = startTrail();
      const labelled = trail.note("signature headers", readLabels(delivery));
      if (labelled === undefined) return trail.verdict();

      // Several parties may have signed: one signature that holds in every respect is enough.
      let refusal: Verification | undefined;
      for (const one of labelled) {
        const judged = await judge(one, terms, delivery, auth);
        const steps = [...trail.verdict().steps, ...judged.steps];
        if (judged.ok) return { ok: true, steps };
        // What came furthest is told.
        if (steps.length > (refusal?.steps.length ?? 0)) refusal = { ...judged, steps };
      }
      return refusal ?? trail.verdict();
    },
  };
}

/** Cheap checks come first: a stale replay costs neither a digest nor a signature. */
async function judge(
  one: Labelled,
  terms: Terms,
  delivery: Delivery,
  auth: SourceAuth,
): Promise<Verification> {
  const trail = startTrail();
  if (trail.note("algorithm", checkAlgorithm(one, terms)) === undefined) return trail.verdict();
  if (terms.isWhole) {
    const policies = [
      ["covered components", () => checkCover(one, delivery)],
      ["created", () => checkCreated(one, delivery)],
      ["expires", () => checkExpires(one, delivery)],
      ["content digest", () => checkBody(one, delivery)],
    ] as const;
    for (const [step, check] of policies) {
      const outcome: Found<unknown> = await check();
      if (trail.note(step, outcome) === undefined) return trail.verdict();
    }
  }
  const base = trail.note("signature base", signatureBase(one, delivery, auth));
  if (base === undefined) return trail.verdict();

  const bytes = fromText(base);
  const { told, signature } = one;
  const claim = {
    told: { keyid: told.get("keyid"), alg: told.get("alg") },
    fixed: terms.algorithm,
  };
  trail.note(
    "signature",
    await matchSecret(auth.secrets, (secret) => matchHttpKey(claim, secret, { bytes, signature })),
  );
  return trail.verdict();
}

/**
 * Both headers. Beside white space they have to be as RFC 8941 §4.1 writes them: a parser drops a
 * repeated label or parameter in silence, and reads two base64 texts as the same bytes.
 */
function readLabels(delivery: Delivery): Found<readonly Labelled[]> {
  const [input, signature] = [delivery.header("signature-input"), delivery.header("signature")];
  if (input === undefined || input === "")
    return doubt("signature_missing", 'No "signature-input" header');
  if (signature === undefined || signature === "")
    return doubt("signature_missing", 'No "signature" header');

  const [inputs, signatures] = [parse(input), parse(signature)];
  if (inputs === undefined || signatures === undefined) {
    const name = inputs === undefined ? "signature-input" : "signature";
    return doubt("signature_malformed", `Header "${name}" is no canonical dictionary of RFC 8941`);
  }
  const labelled = [...inputs].flatMap(([label, member]) => {
    const one = labelledOf(label, member, signatures.get(label));
    return one === undefined ? [] : [one];
  });
  if (labelled.length === 0 || inputs.size > LABELS_MAX) {
    const detail = `No label of "signature-input" has components and a signature, or more than ${LABELS_MAX}`;
    return doubt("signature_malformed", detail);
  }
  return found(labelled, `Read ${labelled.map(({ label }) => label).join(", ")}`);
}

type Dictionary = ReadonlyMap<string, Item | InnerList>;

function parse(header: string): Dictionary | undefined {
  try {
    const dictionary = parseDictionary(header);
    return dense(serializeDictionary(dictionary)) === dense(header) ? dictionary : undefined;
  } catch {
    return undefined;
  }
}

const dense = (text: string): string => text.replaceAll(/[ \t]/g, "");

function labelledOf(
  label: string,
  input: Item | InnerList,
  signature: Item | InnerList | undefined,
): Labelled | undefined {
  const [listed, told] = input;
  const bytes = signature?.[0];
  if (!Array.isArray(listed) || !(bytes instanceof ArrayBuffer)) return undefined;
  const components = listed.map(([name, params]) => ({ name, params }));
  if (components.length > COMPONENTS_MAX) return undefined;
  const params = serializeInnerList([listed, told]);
  return { label, components, params, told, signature: new Uint8Array(bytes) };
}

const covers = ({ components }: Labelled, name: string): boolean =>
  components.some((component) => component.name === name && component.params.size === 0);

/** Our policy (PROVIDERS 14a): the RFC would let a signature cover nothing at all. */
function checkCover(one: Labelled, { body }: Delivery): Found<true> {
  const lacking: string[] = [];
  if (!covers(one, "@method")) lacking.push("@method");
  const isAddressed = ["@authority", "@path", "@query"].every((name) => covers(one, name));
  if (!covers(one, "@target-uri") && !isAddressed) {
    lacking.push("@target-uri (or all of @authority, @path and @query)");
  }
  if (body.length > 0 && !covers(one, "content-digest")) lacking.push("content-digest");
  if (lacking.length > 0) {
    return doubt("signature_malformed", `${one.label} does not cover ${lacking.join(", ")}`);
  }
  return found(true, `${one.label} covers method, URL${body.length > 0 ? " and body" : ""}`);
}

function checkCreated({ label, told }: Labelled, { receivedAtMs }: Delivery): Found<unknown> {
  const created = told.get("created");
  if (created === undefined) return doubt("timestamp_missing", `${label} has no created`);
  const window = { unit: "s", ageMax: AGE_S_MAX, aheadMax: AGE_S_MAX } as const;
  return checkAge(typeof created === "number" ? String(created) : "", window, receivedAtMs);
}

function checkExpires({ label, told }: Labelled, { receivedAtMs }: Delivery): Found<true> {
  const expires = told.get("expires");
  if (expires === undefined) return found(true, `${label} names no end`);
  if (typeof expires !== "number" || !Number.isInteger(expires)) {
    return doubt("timestamp_malformed", `${label} has an expires that is no integer`);
  }
  const leftS = expires - Math.floor(receivedAtMs / 1000);
  if (leftS < 0) return doubt("timestamp_old", `${label} expired ${-leftS} s before arrival`);
  return found(true, `${label} expires ${leftS} s after arrival`);
}

/** Looked at wherever it is covered: a body that was taken away has a digest too. */
const checkBody = async (one: Labelled, delivery: Delivery): Promise<Found<true>> =>
  covers(one, "content-digest")
    ? checkDigest(delivery)
    : found(true, `${one.label} covers no digest, and there is no body`);

function checkAlgorithm({ label, told }: Labelled, { algorithm }: Terms): Found<true> {
  const named = told.get("alg");
  if (named === undefined) return found(true, `${label} names no algorithm: the key decides`);
  if (isAllowed(named, algorithm)) return found(true, `${label} is signed by ${named}`);
  const ours = algorithm ?? "those of RFC 9421";
  return doubt("signature_malformed", `${label} names another algorithm than ${ours}`);
}
