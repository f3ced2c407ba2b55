import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import { translateGohighlevel } from "./gohighlevel-facts.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { type Loose, looseOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Delivery, Outcome, Reading, ReadingContext, Scheme, Sender } from "./sender.ts";
import { checkAge, type Window } from "./verify/checks.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";
import { doubt, found, startTrail, type Found } from "./verify/trail.ts";

/**
 * Retries come up to 70 minutes later and may carry the body that was signed at first: the five
 * minutes that the documents advise would lose them (PROVIDERS 8f). The id catches a replay.
 */
const WINDOW: Window = { unit: "iso", ageMax: 7_200_000, aheadMax: 300_000 };

/** GoHighLevel tries again after ten minutes and more, whatever it is told. */
const RETRY_AFTER_S = 600;

const signed = verifySignature({
  header: "x-ghl-signature",
  grammar: bare,
  encoding: "base64",
  algorithm: "ed25519",
  signed: "{body}",
});

/** What else has to hold stands in the body, so it can be believed only after the signature. */
const fresh: Scheme = {
  ...signed,
  async verify(delivery, auth, means) {
    const { steps, ...signature } = await signed.verify(delivery, auth, means);
    if (!signature.ok) return { ...signature, steps };
    const trail = startTrail();
    const parsed = parseJson(delivery.body);
    const told = looseOf(parsed.ok ? parsed.value : undefined);
    if (trail.note("timestamp", checkTimestamp(told, delivery)) !== undefined) {
      trail.note("location", checkLocation(told, means.options));
    }
    const judged = trail.verdict();
    return { ...judged, steps: [...steps, ...judged.steps] };
  },
};

function checkTimestamp({ timestamp }: Loose, { receivedAtMs }: Delivery): Found<unknown> {
  if (timestamp === undefined) {
    return found(true, "The body tells no moment: its id alone tells a replay");
  }
  return checkAge(typeof timestamp === "string" ? timestamp : "", WINDOW, receivedAtMs);
}

/**
 * One key signs for every customer of GoHighLevel: whoever has an app there can have events of a
 * location of his own signed and sent to us.
 */
function checkLocation(told: Loose, { location_ids: ours }: JsonObject): Found<true> {
  if (!Array.isArray(ours)) return found(true, "The source takes events of any location");
  const location = told["locationId"] ?? (told["altType"] === "location" ? told["altId"] : "");
  if (ours.some((one) => one === location)) return found(true, "Of a location of the source's");
  return doubt("signature_mismatch", "Signed for none of the source's location_ids");
}

const Event = z.looseObject({
  type: z.string().min(1),
  timestamp: z.string().optional(),
  webhookId: z.string().min(1).optional(),
  locationId: z.string().min(1).optional(),
});

/**
 * GoHighLevel's (HighLevel's) app webhooks: https://marketplace.gohighlevel.com/docs/webhook
 * Its own middleware lets a delivery through whose header is missing; we do not. It sends again
 * after a 429 alone, so that is what an overload is called.
 */
export const gohighlevel: Sender = {
  name: "gohighlevel",
  family: "product",
  defaultScheme: "ghl-ed25519",
  schemes: { "ghl-ed25519": fresh },
  readHeaders: [],
  checkOptions: productOptions({
    /** Whose events are taken; those of any location where absent. */
    location_ids: z.array(z.string().min(1)).min(1).max(1000).exactOptional(),
  }),
  reply: insistOn429,
  mark: "x-ghl-signature",

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const event = Event.safeParse(parsed.value);
    if (event.success) return { kind: "items", items: [readEvent(event.data, context)] };
    return unreadable(parsed.value, event.error);
  },
};

function readEvent(event: z.output<typeof Event>, context: ReadingContext) {
  const { type, webhookId, timestamp = "" } = event;
  // Older webhooks are not named: then all they say names them.
  const id = idOf(webhookId ?? `${type}:${fingerprint(JSON.stringify(event))}`);
  const occurredAtMs = parseInstant(timestamp) ?? -1;
  const fact = translateGohighlevel({ type, occurredAtMs, told: event });
  return readTelling({ id, type, occurredAtMs, payload: event, fact }, context);
}

/** Any other refusal that would pass with time is the last it hears of an event. */
function insistOn429(outcome: Outcome) {
  if (outcome.kind === "taken" || outcome.status < 500) return undefined;
  const { title, retryAfterS = RETRY_AFTER_S } = outcome;
  return { status: 429, headers: { "Retry-After": String(retryAfterS) }, body: title };
}
