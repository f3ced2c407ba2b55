import { createHmac } from "node:crypto";
import type { Violation } from "../../core/contracts/event.ts";
import {
  BODY_BYTES_MAX,
  type Delivery,
  type Disbelief,
  type Followed,
  type Item,
  type Means,
  type Reading,
  type Scheme,
  type Sender,
  type SourceAuth,
  type Step,
  type Verification,
} from "../../senders/sender.ts";
import type { Source } from "../control/directory.ts";
import { gunzip } from "./gunzip.ts";

/** Cloudflare passes on 128 KB of headers; a sender's own are some thirty. */
export const HEADERS_MAX = 100;

/** What a request is refused for before anybody looks at its signature. */
export type Unfit =
  | "method_not_allowed"
  | "too_large"
  | "unsupported_media_type"
  | "headers_too_many";

interface Unread<Kind> {
  readonly kind: Kind;
  readonly errors: readonly Violation[];
}

interface Read<Kind> {
  readonly kind: Kind;
  readonly items: readonly Item[];
  readonly ignored?: string;
}

/**
 * What the policy (DESIGN §6) makes of a reading. Where nothing could be read, `malformed` is
 * refused and `unreadable` kept for a person; `violated` means that our own contract was broken,
 * and refuses a list whole.
 */
type Appraisal = Unread<"malformed"> | Unread<"unreadable"> | Read<"admitted"> | Read<"violated">;

/** What becomes of a delivery, and the steps that led there. */
export type Judgement = { readonly steps: readonly Step[] } & (
  | { readonly kind: "unauthentic"; readonly reason: Disbelief }
  /** `delivery` is what was read and is kept: unpacked, unless that failed (`isPacked`). */
  | (Appraisal & { readonly delivery: Delivery; readonly isPacked?: true })
);

export const methodsOf = ({ methods = ["POST"] }: Sender): readonly string[] => methods;

export const bodyBytesMaxOf = ({ bodyBytesMax = BODY_BYTES_MAX }: Sender): number => bodyBytesMax;

export const schemeOf = (sender: Sender, { auth }: Pick<Source, "auth">): Scheme | undefined =>
  Object.hasOwn(sender.schemes, auth.scheme) ? sender.schemes[auth.scheme] : undefined;

/** The live secrets of a source that its product's documents print. */
export function publishedSecrets(sender: Sender, source: Pick<Source, "auth">): readonly string[] {
  const { published = [] } = schemeOf(sender, source) ?? {};
  return source.auth.secrets.filter((secret) => published.includes(secret));
}

/**
 * A body too long for memory is taken from a connector, where its scheme needs no body to verify or
 * verifies one as it goes by.
 */
export function takesOverlong(sender: Sender, source: Pick<Source, "auth">): boolean {
  const scheme = schemeOf(sender, source);
  if (scheme === undefined || sender.family !== "connector" || scheme.isTrial === true)
    return false;
  return scheme.covers === "nothing" || scheme.follow !== undefined;
}

const PLAIN = new Set(["", "identity"]);
const PACKED = new Set(["gzip", "x-gzip"]);

const encodingOf = (header: Delivery["header"]): string =>
  header("content-encoding")?.trim().toLowerCase() ?? "";

/** What of a request its sender does not send: seen without its body. */
export function screen(
  sender: Sender,
  { method, header }: Pick<Delivery, "method" | "header">,
): Unfit | undefined {
  if (!methodsOf(sender).includes(method)) return "method_not_allowed";
  // What a connector sends is kept whatever it is: refused, it would stop or be lost (DESIGN §6).
  const isTaken = sender.family === "connector" || PLAIN.has(encodingOf(header));
  return isTaken ? undefined : "unsupported_media_type";
}

/** Verifies a delivery, reads it, and applies the policy. Has no effect: `explain` asks it too. */
export async function judge(
  sender: Sender,
  source: Source,
  delivery: Delivery,
  certificateAt: Means["certificateAt"],
): Promise<Judgement> {
  const verification = await authenticate(sender, source, delivery, certificateAt);
  const { steps } = verification;
  if (!verification.ok) return { kind: "unauthentic", reason: verification.reason, steps };

  const unpacked = await unpack(sender, delivery);
  // A connector's alone can be packed, and what it sends is kept, whatever it is.
  if ("rule" in unpacked) {
    return { kind: "unreadable", errors: [unpacked], delivery, isPacked: true, steps };
  }

  const { tenant, source: name, options } = source;
  const reading = sender.read(unpacked, { tenant: tenant.tenant, source: name, options });
  return { ...appraise(sender.family, reading), delivery: unpacked, steps };
}

/**
 * Proves where a delivery comes from. Also of one whose body is not there, where none is covered.
 * Never by a secret that everybody knows: those of a product's documents.
 */
export function authenticate(
  sender: Sender,
  source: Source,
  delivery: Delivery,
  certificateAt: Means["certificateAt"],
): Promise<Verification> | Verification {
  const { auth, options } = source;
  const scheme = schemeOf(sender, source);
  if (scheme !== undefined) {
    const means = { options, certificateAt };
    return scheme.verify(delivery, secretAuth(sender, source), means);
  }

  const detail = `Sender "${sender.name}" has no scheme "${auth.scheme}"`;
  const step = { step: "scheme", ok: false, detail };
  return { ok: false, reason: "scheme_unknown", steps: [step] };
}

/** The same of a body that goes by; where none is covered, the headers say all. */
export async function follow(
  sender: Sender,
  source: Source,
  delivery: Delivery,
  certificateAt: Means["certificateAt"],
): Promise<Followed> {
  const scheme = schemeOf(sender, source);
  if (scheme?.follow !== undefined) {
    return scheme.follow(delivery, secretAuth(sender, source), (key) => createHmac("sha256", key));
  }
  const headers = await authenticate(sender, source, delivery, certificateAt);
  return { headers, take: () => undefined, verdict: () => Promise.resolve(headers) };
}

function secretAuth(sender: Sender, source: Source): SourceAuth {
  const known = publishedSecrets(sender, source);
  const secrets = source.auth.secrets.filter((secret) => !known.includes(secret));
  return { ...source.auth, secrets };
}

/** After verification: a stranger makes nothing of ours unpack anything. */
async function unpack(sender: Sender, delivery: Delivery): Promise<Delivery | Violation> {
  const encoding = encodingOf(delivery.header);
  if (PLAIN.has(encoding)) return delivery;
  if (!PACKED.has(encoding)) {
    const message = "The body has a Content-Encoding that is not unpacked here: send gzip, or none";
    return { path: "headers.content-encoding", rule: "content_encoding", message };
  }
  const bytesMax = bodyBytesMaxOf(sender);
  const body = await gunzip(delivery.body, bytesMax);
  if (body === "malformed") return { path: "", rule: "gzip", message: "The body is no gzip" };
  if (body === "too_large") {
    const message = `Unpacked, the body has more than ${bytesMax} bytes`;
    return { path: "", rule: "unpacked_length", message };
  }
  const header = (name: string) =>
    name.toLowerCase() === "content-encoding" ? undefined : delivery.header(name);
  return { ...delivery, body, header };
}

/** A connector stops or drops data when it is refused; a product's webhook can be repaired. */
function appraise(family: Sender["family"], reading: Reading): Appraisal {
  if (reading.kind === "malformed") {
    const kind = family === "connector" ? "unreadable" : "malformed";
    return { kind, errors: reading.errors };
  }
  const isViolated = family === "contract" && reading.items.some((item) => item.kind === "broken");
  const { items, ignored } = reading;
  const read = ignored === undefined ? { items } : { items, ignored };
  return { kind: isViolated ? "violated" : "admitted", ...read };
}
