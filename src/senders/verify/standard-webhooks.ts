import { fromBase64 } from "./bytes.ts";
import { checkAge, matchSecret, readOne, type Match, type Window } from "./checks.ts";
import { ed25519Key, hmacKey } from "./keys.ts";
import { matchBytes, matchHmac, matchKey, usableKey } from "./match.ts";
import { keepRecent } from "./recent.ts";
import type { Delivery, Followed, MacOf, Scheme, SourceAuth, Verify } from "../sender.ts";
import { CANDIDATES_MAX } from "./signature.ts";
import { template } from "./template.ts";
import { doubt, found, startTrail, type Found, type Trail } from "./trail.ts";

/** Five minutes both ways: Standard Webhooks 1.0.0 «Verifying webhook authenticity». */
const WINDOW: Window = { unit: "s", ageMax: 300, aheadMax: 300 };

const SIGNED = template("{id}.{timestamp}.{body}");

/** The specification asks for 24 to 64; some senders make do with 16, less can be guessed. */
const SECRET_BYTES_MIN = 16;
const PUBLIC_KEY_BYTES = 32;

/**
 * Every form of key decides which signatures it can vouch for, so that a source may hold `whsec_…`
 * and `whpk_…` together while its sender changes over, and no other mixture is ever accepted.
 */
const verify: Verify = async (delivery, auth) => {
  const trail = startTrail();
  const headers = readHeaders(delivery, trail);
  if (headers === undefined) return trail.verdict();

  const { id, timestamp, signatures } = headers;
  const signed = SIGNED.bytesOf({ id, timestamp, body: delivery.body });
  trail.note("signed bytes", found(true, `${SIGNED.text}: ${signed.length} bytes`));
  trail.note(
    "signature",
    await matchSecret(auth.secrets, (secret) =>
      match({ scheme: auth.scheme, secret, signed, signatures }),
    ),
  );
  return trail.verdict();
};

/** The same by shared secrets, of a body as it goes by. Ed25519 signs no body but a whole one. */
function follow(delivery: Delivery, auth: SourceAuth, macOf: MacOf): Followed {
  const trail = startTrail();
  const headers = readHeaders(delivery, trail);
  const verdict = trail.verdict();
  if (headers === undefined) {
    return { headers: verdict, take: () => undefined, verdict: () => Promise.resolve(verdict) };
  }
  const { id, timestamp, signatures } = headers;
  const before = SIGNED.bytesOf({ id, timestamp, body: new Uint8Array(0) });
  const macs = auth.secrets.map((secret) => {
    const parsed = readSecret(auth.scheme, secret);
    const mac = "fault" in parsed || parsed.version !== "v1" ? undefined : macOf(parsed.bytes);
    mac?.update(before);
    return { secret, mac };
  });
  const candidates = bytesOf(signatures, "v1");
  return {
    headers: verdict,
    take(piece) {
      for (const { mac } of macs) mac?.update(piece);
    },
    async verdict() {
      const made = new Map(macs.map(({ secret, mac }) => [secret, mac?.digest()]));
      const matched = await matchSecret(auth.secrets, async (secret) => {
        const mac = made.get(secret);
        return mac === undefined ? "unusable" : matchBytes(mac, candidates);
      });
      trail.note("signature", matched);
      return trail.verdict();
    },
  };
}

interface Headers {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly Signature[];
}

/** What the headers say, judged as far as that needs no body; nothing where they are not believed. */
function readHeaders(delivery: Delivery, trail: Trail): Headers | undefined {
  const family = familyOf(delivery);
  const id = trail.note("id header", readOne(delivery, `${family}-id`, "signature"));
  if (id === undefined) return undefined;

  const timestamp = trail.note("timestamp header", readTime(delivery, family));
  if (timestamp === undefined) return undefined;
  const age = trail.note("timestamp", checkAge(timestamp, WINDOW, delivery.receivedAtMs));
  if (age === undefined) return undefined;

  const signatures = trail.note("signature header", readSignatures(delivery, family));
  return signatures === undefined ? undefined : { id, timestamp, signatures };
}

const schemeNamed = (name: string): Scheme => ({
  verify,
  covers: "body",
  checkSecret(secret) {
    const parsed = parseSecret(name, secret);
    return "fault" in parsed ? parsed.fault : undefined;
  },
});

/** Standard Webhooks 1.0.0, and Svix by its own header names: https://www.standardwebhooks.com */
export const standardWebhooks = {
  "standard-webhooks-v1": { ...schemeNamed("standard-webhooks-v1"), follow },
  "standard-webhooks-v1a": schemeNamed("standard-webhooks-v1a"),
};

type Family = "webhook" | "svix";

/**
 * Svix's names come first, as its own library has it. Never a mixture of both families: the id
 * signed has to be the id read.
 */
export const familyOf = (delivery: Delivery): Family =>
  delivery.header("svix-id") === undefined ? "webhook" : "svix";

const readTime = (delivery: Delivery, family: Family): Found<string> =>
  readOne(delivery, `${family}-timestamp`, "timestamp");

interface Signature {
  readonly version: "v1" | "v1a";
  readonly bytes: Uint8Array;
}

/** `v1,<base64> v1a,<base64>`: other versions and what cannot be decoded are skipped. */
function readSignatures(delivery: Delivery, family: Family): Found<readonly Signature[]> {
  const name = `${family}-signature`;
  const header = readOne(delivery, name, "signature");
  if (!header.ok) return header;

  const entries = header.value.split(" ").filter((entry) => entry !== "");
  if (entries.length > CANDIDATES_MAX) {
    return doubt("signature_malformed", `Header "${name}" lists more than ${CANDIDATES_MAX}`);
  }
  const signatures = entries.map(parseSignature).filter((entry) => entry !== undefined);
  if (signatures.length === 0) {
    return doubt("signature_malformed", `Header "${name}" holds no readable v1 or v1a signature`);
  }
  const versions = signatures.map(({ version }) => version).join(", ");
  return found(signatures, `Read "${name}": ${versions}`);
}

function parseSignature(entry: string): Signature | undefined {
  const [version, text = "", ...rest] = entry.split(",");
  if ((version !== "v1" && version !== "v1a") || rest.length > 0) return undefined;
  const bytes = fromBase64(text);
  return bytes === undefined ? undefined : { version, bytes };
}

type Parsed =
  | { readonly version: "v1" | "v1a"; readonly bytes: Uint8Array }
  | { readonly fault: string };

/**
 * Text without a prefix is a shared secret, as the reference libraries take it; not for a source
 * of v1a, where it would be a public key that anybody may sign with once it serves as a secret.
 */
function parseSecret(scheme: string, secret: string): Parsed {
  if (secret.startsWith("whsk_")) {
    return { fault: "This is the sender's private key: store its public key, whpk_…" };
  }
  if (secret.startsWith("whpk_")) {
    const bytes = fromBase64(secret.slice("whpk_".length));
    if (bytes?.length === PUBLIC_KEY_BYTES) return { version: "v1a", bytes };
    return { fault: `After whpk_ stands no base64 of ${PUBLIC_KEY_BYTES} bytes` };
  }
  const isShared = secret.startsWith("whsec_");
  if (!isShared && scheme === "standard-webhooks-v1a") {
    return { fault: "A key of this scheme begins with whpk_ or whsec_" };
  }
  const bytes = fromBase64(isShared ? secret.slice("whsec_".length) : secret);
  if (bytes === undefined)
    return { fault: "The secret is not base64, after whsec_ if it has that" };
  if (bytes.length >= SECRET_BYTES_MIN) return { version: "v1", bytes };
  return { fault: `The secret has ${bytes.length} bytes, fewer than ${SECRET_BYTES_MIN}` };
}

const PARSED_MAX = 1000;
const parsedSecrets = keepRecent<Parsed>(PARSED_MAX);

/** The same few secrets, read once: decoding one costs as much as checking a signature. */
function readSecret(scheme: string, secret: string): Parsed {
  const place = `${scheme} ${secret}`;
  const known = parsedSecrets.get(place);
  if (known !== undefined) return known;
  const parsed = parseSecret(scheme, secret);
  parsedSecrets.set(place, parsed);
  return parsed;
}

interface Claim {
  readonly scheme: string;
  readonly secret: string;
  readonly signed: Uint8Array;
  readonly signatures: readonly Signature[];
}

const bytesOf = (signatures: readonly Signature[], wanted: Signature["version"]) =>
  signatures.filter(({ version }) => version === wanted).map(({ bytes }) => bytes);

async function match({ scheme, secret, signed, signatures }: Claim): Promise<Match> {
  const parsed = readSecret(scheme, secret);
  if ("fault" in parsed) return "unusable";

  const { version, bytes } = parsed;
  const candidates = bytesOf(signatures, version);
  if (version === "v1") {
    const shared = await hmacKey(`whsec ${secret}`, bytes, "SHA-256");
    return matchHmac(shared, { bytes: signed, candidates });
  }
  const key = await usableKey(() => ed25519Key(`whpk ${secret}`, bytes));
  if (key === undefined) return "unusable";
  return matchKey({ name: "Ed25519" }, key, { bytes: signed, candidates });
}
