import * as z from "zod";
import type { Delivery, Means, Scheme, SigningCertificate } from "./sender.ts";
import { decode, fromText } from "./verify/bytes.ts";
import { checkAge, matchSecret, readOne, type Window } from "./verify/checks.ts";
import { matchPublicKey } from "./verify/match.ts";
import { keepRecent } from "./verify/recent.ts";
import { doubt, found, startTrail, type Found, type Trail } from "./verify/trail.ts";

const DAY_MS = 86_400_000;

/**
 * PayPal sends again for three days and does not say whether a later attempt carries a new time: a
 * shorter window could lose events. For as long, a delivery that leaked can be used: of its body
 * the CRC-32 alone is signed, and any other body, under any event's id, can be padded to the same.
 * Only TLS and nobody reading along stand against that, which is what the sender's page says.
 */
const WINDOW: Window = { unit: "iso", ageMax: 4 * DAY_MS, aheadMax: 300_000 };

const ALGORITHM = "SHA256withRSA";
const CERTIFICATES_MAX = 8;

const WebhookId = z.string().regex(/^[\w-]{12,64}$/);
const Pinned = z.strictObject({
  webhook_id: WebhookId,
  certificates: z
    .array(z.string().regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/))
    .min(1)
    .max(CERTIFICATES_MAX),
});

/** What a secret's text comes to. Without certificates the one the delivery refers to counts. */
interface Trust {
  readonly webhookId: string;
  readonly certificates?: readonly string[];
}

/**
 * RSA under PayPal's own certificate over `id|time|webhook id|CRC-32 of the body`. The id of the
 * webhook is not in the request: it is the secret's text, alone or as JSON
 * `{"webhook_id", "certificates": [PEM…]}`, which pins the certificates and fetches none.
 * https://developer.paypal.com/api/rest/webhooks/rest/#link-verifysignature
 */
export const paypalCertificate: Scheme = {
  covers: "body",

  checkSecret(secret) {
    if (trustOf(secret) !== undefined) return undefined;
    return 'The secret is no id of a webhook and no JSON {"webhook_id", "certificates": [PEM]}';
  },

  async verify(delivery, auth, means) {
    const trail = startTrail();
    const sent = readTransmission(trail, delivery);
    if (sent === undefined) return trail.verdict();

    const known = auth.secrets.map(trustOf).filter((trust) => trust !== undefined);
    const fetched = await certificateFor(known, delivery, means);
    const isPinned = known.some(({ certificates }) => certificates !== undefined);
    if (fetched.ok || !isPinned) trail.note("certificate", fetched);
    if (!fetched.ok && !isPinned) return trail.verdict();

    const keys = fetched.ok && fetched.value !== undefined ? [fetched.value.publicKey] : [];
    const crc = crc32(delivery.body);
    trail.note("signed text", found(true, `id|time|webhook id|${crc}`));
    trail.note(
      "signature",
      await matchSecret(auth.secrets, async (secret) => {
        const trust = trustOf(secret);
        if (trust === undefined) return "unusable";
        const bytes = fromText(`${sent.id}|${sent.time}|${trust.webhookId}|${crc}`);
        const candidates = [sent.signature];
        return matchPublicKey("rsa-sha256", trust.certificates ?? keys, { bytes, candidates });
      }),
    );
    return trail.verdict();
  },
};

interface Transmission {
  readonly id: string;
  readonly time: string;
  readonly signature: Uint8Array;
}

function readTransmission(trail: Trail, delivery: Delivery): Transmission | undefined {
  if (trail.note("algorithm", checkAlgorithm(delivery)) === undefined) return undefined;
  const id = trail.note("id header", readOne(delivery, "paypal-transmission-id", "signature"));
  if (id === undefined) return undefined;
  const time = trail.note("timestamp", readTime(delivery));
  if (time === undefined) return undefined;
  const signature = trail.note("signature header", readSignature(delivery));
  return signature === undefined ? undefined : { id, time, signature };
}

function readTime(delivery: Delivery): Found<string> {
  const header = readOne(delivery, "paypal-transmission-time", "timestamp");
  if (!header.ok) return header;
  const age = checkAge(header.value, WINDOW, delivery.receivedAtMs);
  return age.ok ? found(header.value, age.detail) : age;
}

function checkAlgorithm(delivery: Delivery): Found<true> {
  const algorithm = readOne(delivery, "paypal-auth-algo", "signature");
  if (!algorithm.ok) return algorithm;
  if (algorithm.value === ALGORITHM) return found(true, ALGORITHM);
  return doubt("signature_malformed", `Header "paypal-auth-algo" is not ${ALGORITHM}`);
}

function readSignature(delivery: Delivery): Found<Uint8Array> {
  const header = readOne(delivery, "paypal-transmission-sig", "signature");
  if (!header.ok) return header;
  const bytes = decode(header.value, "base64");
  if (bytes !== undefined) return found(bytes, `Read ${bytes.length} bytes`);
  return doubt("signature_malformed", 'Header "paypal-transmission-sig" is not base64');
}

/** The certificate a delivery refers to, where a secret needs it: nothing where all are pinned. */
function certificateFor(
  trusts: readonly Trust[],
  delivery: Delivery,
  means: Means,
): Promise<Found<SigningCertificate | undefined>> {
  if (trusts.some(({ certificates }) => certificates === undefined)) {
    return readCertificate(delivery, means);
  }
  return Promise.resolve(found(undefined, "No secret needs the certificate that is referred to"));
}

async function readCertificate(
  delivery: Delivery,
  { certificateAt }: Means,
): Promise<Found<SigningCertificate>> {
  const url = readOne(delivery, "paypal-cert-url", "signature");
  if (!url.ok) return url;
  // Before anything is asked of anybody: whoever names the certificate would name his own.
  if (!isPaypals(url.value)) {
    return doubt("certificate_invalid", 'Header "paypal-cert-url" is no https URL of paypal.com');
  }
  const certificate = await certificateAt(url.value);
  if (certificate === undefined) {
    return doubt("certificate_invalid", "The certificate could not be had, or its chain is broken");
  }
  return judgeCertificate(certificate, delivery.receivedAtMs);
}

/** By https from api.paypal.com, api.sandbox.paypal.com or another host of paypal.com. */
function isPaypals(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port, username, password } = new URL(text);
  return (
    protocol === "https:" &&
    hostname.endsWith(".paypal.com") &&
    port === "" &&
    username === "" &&
    password === ""
  );
}

/** `messageverificationcerts.paypal.com`, its sandbox, or a wildcard of them. */
function judgeCertificate(
  certificate: SigningCertificate,
  receivedAtMs: number,
): Found<SigningCertificate> {
  const { names, notBeforeMs, notAfterMs } = certificate;
  if (!names.some((name) => name.toLowerCase().endsWith(".paypal.com"))) {
    return doubt("certificate_invalid", "The certificate is made out to no name of paypal.com");
  }
  if (receivedAtMs < notBeforeMs || receivedAtMs > notAfterMs) {
    return doubt("certificate_invalid", "The certificate is not valid now");
  }
  return found(certificate, "Its chain, name and dates hold");
}

const TRUSTS_MAX = 200;
const trusts = keepRecent<Trust>(TRUSTS_MAX);

function trustOf(secret: string): Trust | undefined {
  const known = trusts.get(secret);
  if (known !== undefined) return known;
  const trust = parseTrust(secret);
  if (trust !== undefined) trusts.set(secret, trust);
  return trust;
}

function parseTrust(secret: string): Trust | undefined {
  const id = WebhookId.safeParse(secret);
  if (id.success) return { webhookId: id.data };
  try {
    const { webhook_id: webhookId, certificates } = Pinned.parse(JSON.parse(secret));
    return { webhookId, certificates };
  } catch {
    return undefined;
  }
}

/** The reversed polynomial of IEEE 802.3. */
const CRC_POLYNOMIAL = 0xed_b8_83_20;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) * CRC_POLYNOMIAL);
  return crc;
});

/** CRC-32 as zip and Ethernet have it, unsigned. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xff_ff_ff_ff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
