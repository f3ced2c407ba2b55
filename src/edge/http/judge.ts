import type { Violation } from "../../core/contracts/event.ts";
import type {
  Delivery,
  Disbelief,
  Item,
  Reading,
  Sender,
  Step,
  Verification,
} from "../../senders/sender.ts";
import type { Source } from "../control/directory.ts";

/** Far above what the four senders post; a body is in memory several times while it is sealed. */
export const BODY_BYTES_MAX = 1024 * 1024;

/** What a request is refused for before anybody looks at its source or body. */
export type Unfit = "method_not_allowed" | "too_large" | "unsupported_media_type";

interface Unread<Kind> {
  readonly kind: Kind;
  readonly errors: readonly Violation[];
}

interface Read<Kind> {
  readonly kind: Kind;
  readonly items: readonly Item[];
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
  | Appraisal
);

/** What any sender calls with: HubSpot's workflow actions may be GET. */
const ANY_METHODS = ["POST", "GET"];

export const methodsOf = ({ methods = ["POST"] }: Sender): readonly string[] => methods;

/** Judges a request by what stands in front of its body, so that most floods cost nothing. */
export function screen(
  method: string,
  header: Delivery["header"],
  methods: readonly string[] = ANY_METHODS,
): Unfit | undefined {
  if (!methods.includes(method)) return "method_not_allowed";
  if (Number(header("content-length")) > BODY_BYTES_MAX) return "too_large";
  // The platform unpacks no request body, and the senders so far pack none.
  const encoding = header("content-encoding")?.trim().toLowerCase() ?? "";
  return encoding === "" || encoding === "identity" ? undefined : "unsupported_media_type";
}

/** Verifies a delivery, reads it, and applies the policy. Has no effect: `explain` asks it too. */
export async function judge(
  sender: Sender,
  source: Source,
  delivery: Delivery,
): Promise<Judgement> {
  const verification = await authenticate(sender, source, delivery);
  const { steps } = verification;
  if (!verification.ok) return { kind: "unauthentic", reason: verification.reason, steps };

  const { tenant, source: name, options } = source;
  const reading = sender.read(delivery, { tenant: tenant.tenant, source: name, options });
  return { ...appraise(sender.family, reading), steps };
}

function authenticate(
  sender: Sender,
  { auth, options }: Source,
  delivery: Delivery,
): Promise<Verification> | Verification {
  const scheme = Object.hasOwn(sender.schemes, auth.scheme)
    ? sender.schemes[auth.scheme]
    : undefined;
  const certificateAt = () => Promise.resolve(undefined);
  if (scheme !== undefined) return scheme.verify(delivery, auth, { options, certificateAt });

  const detail = `Sender "${sender.name}" has no scheme "${auth.scheme}"`;
  const step = { step: "scheme", ok: false, detail };
  return { ok: false, reason: "scheme_unknown", steps: [step] };
}

/** A connector stops or drops data when it is refused; a product's webhook can be repaired. */
function appraise(family: Sender["family"], reading: Reading): Appraisal {
  if (reading.kind === "malformed") {
    const kind = family === "connector" ? "unreadable" : "malformed";
    return { kind, errors: reading.errors };
  }
  const isViolated = family === "contract" && reading.items.some((item) => item.kind === "broken");
  return { kind: isViolated ? "violated" : "admitted", items: reading.items };
}
