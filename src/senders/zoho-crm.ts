import * as z from "zod";
import { violationsOf } from "../core/contracts/violation.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { isLoose, itemsOf, type Loose } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { checkTextSecret } from "./verify/secrets.ts";
import { sharedToken, urlToken } from "./verify/token.ts";
import { doubt, found } from "./verify/trail.ts";

/** The last millisecond that RFC 3339 can write. */
const INSTANT_MS_MAX = 253_402_300_799_999;
const TOKEN_CHARS_MAX = 50;
/** As many rows as a gap can name. */
const RECORDS_MAX = 1000;

/** Ids have 18 digits and more: they come as text, and are read as text where they do not. */
const Id = z.union([z.string().min(1).max(100), z.int()]).transform(String);

const Notification = z.looseObject({
  module: z.string().min(1).max(100),
  operation: z.string().min(1).max(32),
  ids: z.array(Id),
  channel_id: Id,
  server_time: z.int().min(0).max(INSTANT_MS_MAX),
});

const ChannelId = z.string().regex(/^\d{1,20}$/, "Must be the digits of a channel's id");

/**
 * The notifications of Zoho CRM and of Bigin: which records changed, and neither who they are nor
 * a signature. https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html
 */
export const zohoCrm: Sender = {
  name: "zoho-crm",
  family: "product",
  defaultScheme: "zoho-crm-token",
  schemes: {
    "zoho-crm-token": sharedToken({
      step: "token in the body",
      covers: "body",
      read({ body }) {
        const parsed = parseJson(body);
        const token = parsed.ok && isLoose(parsed.value) ? parsed.value["token"] : undefined;
        if (typeof token === "string" && token !== "") return found(token, 'Read member "token"');
        return doubt("token_missing", 'The body is no JSON with a text in "token"');
      },
      checkSecret(secret) {
        if (secret.length > TOKEN_CHARS_MAX) return `Zoho takes ${TOKEN_CHARS_MAX} characters`;
        return checkTextSecret(secret);
      },
    }),
    "url-token": urlToken,
  },
  readHeaders: [],
  checkOptions: productOptions({
    channel_ids: z.array(ChannelId).min(1).max(100).exactOptional(),
  }),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    return { kind: "items", items: [readNotification(withoutSecrets(parsed.value), context)] };
  },
};

/** Neither the token nor what stood behind the URL goes any further. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isLoose(value)) return value;
  const { token: _token, query_params: _params, ...told } = value;
  return told;
}

/** Which records to fetch is all that is told for certain: a gap for the polling side. */
function readNotification(value: unknown, context: ReadingContext): Item {
  const parsed = Notification.safeParse(value);
  if (!parsed.success) {
    const errors = violationsOf(parsed.error.issues, { root: [], value });
    return { kind: "broken", id: unreadableId(value), code: "contract_violated", errors };
  }
  const { module, operation, ids, channel_id, server_time } = parsed.data;
  const type = `${module}.${operation}`;
  const id = idOf(channel_id, type, server_time, fingerprint(ids.toSorted().join()));
  const allowed = itemsOf(context.options["channel_ids"]);
  if (allowed.length > 0 && !allowed.includes(channel_id)) {
    const message = "Must be one of options.channel_ids";
    const errors = [{ path: "channel_id", rule: "mismatch", message }];
    return { kind: "broken", id, code: "contract_violated", type, errors };
  }
  const table = `zoho:${module}`;
  const rows: Loose = ids.length > 0 && ids.length <= RECORDS_MAX ? { pks: ids } : {};
  return readTelling(
    {
      id,
      type,
      occurredAtMs: server_time,
      payload: value,
      about: { module, operation, channel_id },
      fact: { type: "cdc.gap", data: { table, ...rows } },
    },
    context,
  );
}
