import * as z from "zod";
import type { Violation } from "../core/contracts/event.ts";
import { parseInstant } from "../core/contracts/instant.ts";
import { ok, type Result } from "../core/result.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { parseForm } from "./read/form.ts";
import { idOf } from "./read/ids.ts";
import { parseJson, parseText } from "./read/json.ts";
import { isLoose, type Loose, textOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import { parseXml } from "./read/xml.ts";
import { membersOf } from "./read/xml-members.ts";
import type { Delivery, Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";
import { API_KEY_OPTIONS, apiKey, basic, bearerToken } from "./verify/token.ts";

const EVENT_TYPE = "zen:event-type:";
const TICKET = `${EVENT_TYPE}ticket.`;
const INVOCATION = "x-zendesk-webhook-invocation-id";

/** Signs test calls of a webhook that does not exist yet: everybody knows it. */
const TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

const Id = z.union([z.int(), z.string().min(1).max(40)]).transform(String);

/** https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/ */
const ZendeskEvent = z.looseObject({
  id: z.string().min(1).max(128),
  type: z.string(),
  time: z.string(),
  account_id: Id,
  detail: z.looseObject({
    id: Id.nullish(),
    status: z.string().nullish(),
    type: z.string().nullish(),
    updated_at: z.string().nullish(),
  }),
});
type ZendeskEvent = z.output<typeof ZendeskEvent>;

/**
 * Zendesk's webhooks: https://developer.zendesk.com/documentation/webhooks/verifying/
 * How old a signature may be is our choice, for Zendesk names no limit (PROVIDERS 8e).
 */
export const zendesk: Sender = {
  name: "zendesk",
  family: "product",
  defaultScheme: "zendesk-hmac",
  schemes: {
    "zendesk-hmac": verifySignature({
      header: "x-zendesk-webhook-signature",
      grammar: bare,
      encoding: "base64",
      algorithm: "hmac-sha256",
      // The secret looks like base64, and is used as the text it is.
      signed: "{timestamp}{body}",
      time: {
        header: "x-zendesk-webhook-signature-timestamp",
        unit: "iso",
        ageMax: 300_000,
        aheadMax: 300_000,
      },
      // Anybody can sign with it.
      published: [TEST_SECRET],
    }),
    basic,
    "bearer-token": bearerToken,
    "api-key": apiKey,
  },
  // Those of triggers and automations: their author chooses.
  methods: ["POST", "PUT", "PATCH", "DELETE", "GET"],
  readHeaders: [INVOCATION],
  checkOptions: productOptions(API_KEY_OPTIONS),

  read(delivery, context): Reading {
    if (delivery.method !== "POST" && delivery.body.length === 0) {
      return { kind: "items", items: [], ignored: "A call without a body tells nothing" };
    }
    const composed = parseComposed(delivery.body);
    if (composed?.ok === true) {
      return { kind: "items", items: [readTrigger(delivery, composed.value, context)] };
    }
    const parsed = composed ?? parseJson(delivery.body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    return readJson(delivery, parsed.value, context);
  },
};

function readJson(delivery: Delivery, value: unknown, context: ReadingContext): Reading {
  if (isLoose(value) && textOf(value["type"])?.startsWith(EVENT_TYPE) !== true) {
    return { kind: "items", items: [readTrigger(delivery, value, context)] };
  }
  const event = ZendeskEvent.safeParse(value);
  if (event.success) return { kind: "items", items: [readEvent(event.data, value, context)] };
  return unreadable(value, event.error);
}

/**
 * The event's own moment, which counts milliseconds: the ticket's `updated_at` counts seconds, so
 * that the later of two updates of one second would lose.
 */
function readEvent(event: ZendeskEvent, payload: unknown, context: ReadingContext): Item {
  const { id, type, time, detail } = event;
  const occurredAtMs = parseInstant(time) ?? parseInstant(detail.updated_at ?? "") ?? -1;
  return readTelling({ id, type, occurredAtMs, payload, fact: translate(event) }, context);
}

function translate({ type, account_id: account, detail }: ZendeskEvent): Fact | string {
  if (!type.startsWith(TICKET)) {
    return `No event of ours says "${type}": say in options.rules what it is, or unsubscribe it`;
  }
  const { id, status } = detail;
  if (!id || !status) return "The event does not tell the ticket's id and status: fetch it";
  return {
    type: "ticket.upserted",
    data: {
      system: `zendesk:${account}`,
      object_id: id,
      status,
      subject_kind: detail.type ? detail.type : "support",
    },
  };
}

const MARKUP = /^\uFEFF?\s*</;
/** The first name of a form: JSON begins with none. */
const FORM = /^[\w.~%+[\]-]+=/;

/**
 * A body in one of the two other formats that an action may have; nothing where it is JSON, as every
 * event is. Told by the body, for nobody signs the header that names its type.
 */
function parseComposed(body: Uint8Array): Result<Loose, readonly Violation[]> | undefined {
  const text = parseText(body);
  if (!text.ok) return undefined;
  if (FORM.test(text.value)) return parseForm(body);
  if (!MARKUP.test(text.value)) return undefined;
  const root = parseXml(body);
  return root.ok ? ok(membersOf(root.value)) : root;
}

/**
 * What a trigger or an automation sends was composed by hand. The invocation stays the same over
 * retries, but nobody signs its header: the body stands beside it, so that no other can be named so.
 */
function readTrigger(
  { header, body }: Delivery,
  payload: Readonly<Record<string, unknown>>,
  context: ReadingContext,
): Item {
  const id = idOf(header(INVOCATION) ?? "trigger", fingerprintBytes(body));
  const occurredAtMs = parseInstant(textOf(payload["updated_at"]) ?? "") ?? -1;
  const fact = "A trigger or automation composed this body: say in options.rules which event it is";
  return readTelling({ id, type: "trigger", occurredAtMs, payload, fact }, context);
}
