import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Reading, Scheme, Sender } from "./sender.ts";
import { tellingsOf } from "./square-facts.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";

/** https://developer.squareup.com/docs/webhooks/overview#format-of-an-event-notification */
const Notice = z.looseObject({
  event_id: z.string().min(1).max(128),
  type: z.string().min(1).max(128),
  created_at: z.string(),
  data: z.looseObject({
    id: z.string().nullish(),
    deleted: z.boolean().nullish(),
    object: z.looseObject({}).nullish(),
  }),
});

const signature = verifySignature({
  header: "x-square-hmacsha256-signature",
  grammar: bare,
  encoding: "base64",
  algorithm: "hmac-sha256",
  signed: "{url}{body}",
});

/**
 * Signed is the notification URL as the subscription has it, byte for byte: where the source tells
 * it, nothing of the URL that was called counts, not even a query.
 */
const squareHmac: Scheme = {
  ...signature,
  verify(delivery, { scheme, secrets, url }, means) {
    const signed = url === undefined ? delivery : { ...delivery, url };
    return signature.verify(signed, { scheme, secrets }, means);
  },
};

/** Square's webhooks: https://developer.squareup.com/docs/webhooks/overview */
export const square: Sender = {
  name: "square",
  family: "product",
  defaultScheme: "square-hmac",
  schemes: { "square-hmac": squareHmac },
  readHeaders: [],
  checkOptions: productOptions(),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const notice = Notice.safeParse(parsed.value);
    if (!notice.success) return unreadable(parsed.value, notice.error);

    const { event_id: eventId, type, created_at: createdAt, data } = notice.data;
    const tellings = tellingsOf({ type, id: data.id, object: data.object ?? {}, createdAt });
    const items = tellings.map(({ at = createdAt, about = {}, fact }, place) =>
      readTelling(
        {
          id: tellings.length === 1 ? idOf(eventId) : idOf(eventId, place),
          type,
          occurredAtMs: parseInstant(at) ?? -1,
          payload: parsed.value,
          about,
          fact,
        },
        context,
      ),
    );
    return { kind: "items", items };
  },
};
