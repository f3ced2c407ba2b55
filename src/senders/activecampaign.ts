import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { type Form, parseForm } from "./read/form.ts";
import { idOf } from "./read/ids.ts";
import { told } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { instantText } from "./read/pick.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { urlToken } from "./verify/token.ts";

const Word = z.string().min(1).max(64);

/** https://developers.activecampaign.com/page/webhooks */
const Hook = z.looseObject({
  type: Word,
  date_time: z.string(),
  initiated_from: Word.optional(),
  initiated_by: Word.optional(),
  list: z.string().optional(),
  contact: z.looseObject({ id: z.string().min(1).max(40) }).optional(),
});
type Hook = z.output<typeof Hook>;

/** Those that tell the contact as it now is. */
const CONTACT_TYPES: ReadonlySet<string> = new Set([
  "subscribe",
  "update",
  "contact_tag_added",
  "contact_tag_removed",
]);

/** What a subscription to a list is from then on. */
const LIST_STATES: ReadonlyMap<string, string> = new Map([
  ["subscribe", "subscribed"],
  ["unsubscribe", "unsubscribed"],
]);

/** ActiveCampaign's webhooks, which come as a form and sign nothing. */
export const activecampaign: Sender = {
  name: "activecampaign",
  family: "product",
  defaultScheme: "url-token",
  schemes: { "url-token": urlToken },
  readHeaders: [],
  checkOptions: productOptions({ crm: Word.exactOptional() }),

  read({ body }, context): Reading {
    const form = parseForm(body);
    if (!form.ok) return { kind: "malformed", errors: form.refusal };

    const hook = Hook.safeParse(form.value);
    if (hook.success) {
      return { kind: "items", items: readHook(hook.data, { body, form: form.value }, context) };
    }
    return unreadable(form.value, hook.error);
  },
};

interface Read {
  readonly body: Uint8Array;
  readonly form: Form;
}

/** No event has a number: its moment and all it says name it (PROVIDERS 8d). */
function readHook(hook: Hook, { body, form }: Read, context: ReadingContext): readonly Item[] {
  const { type, contact, date_time: dateTime } = hook;
  const id = idOf(type, contact?.id, dateTime, fingerprintBytes(body));
  const occurredAtMs = parseInstant(dateTime) ?? -1;
  const crm = context.options["crm"] ?? "activecampaign";
  const tell = (fact: Fact | string, field?: string): Item => {
    const telling = { type, occurredAtMs, payload: form, fact };
    if (field === undefined) return readTelling({ ...telling, id }, context);
    return readTelling({ ...telling, id: idOf(id, field), about: { field } }, context);
  };

  const items: Item[] = [];
  if (contact !== undefined && CONTACT_TYPES.has(type)) {
    const { id: objectId, ...fields } = contact;
    const data = { crm, object_id: objectId, fields };
    items.push(tell({ type: "lead.upserted", data }));
  }
  const list = listChanged(hook, { crm, occurredAtMs });
  if (list !== undefined) items.push(tell(list.fact, list.field));
  if (items.length > 0) return items;
  return [
    tell(`No event of ours says "${type}": say in options.rules what it is, or stop sending it`),
  ];
}

/** List 0 is none: the event is then about the contact alone. */
function listChanged(
  { type, list = "0", contact, initiated_from: from, initiated_by: by }: Hook,
  { crm, occurredAtMs }: { readonly crm: unknown; readonly occurredAtMs: number },
): { readonly field: string; readonly fact: Fact } | undefined {
  const state = LIST_STATES.get(type);
  if (state === undefined || contact === undefined || list === "0" || list === "") return undefined;
  const field = `list.${list}`;
  const data = told({
    crm,
    object: "contact",
    object_id: contact.id,
    field,
    value: state,
    change_source: from ?? "unknown",
    actor: by ?? from ?? "unknown",
    occurred_at: instantText(occurredAtMs),
  });
  return { field, fact: { type: "crm.field_changed", data } };
}
