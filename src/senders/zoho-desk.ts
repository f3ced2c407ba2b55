import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseJsonList } from "./read/json.ts";
import { type Loose, textOf, told } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadableItem } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Scheme, Sender } from "./sender.ts";
import { jwtBearer } from "./verify/jwt.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

const EVENTS_MAX = 1000;

/**
 * Zoho's own proof: a JWT in `X-ZDesk-JWT`, issued by `orgId:…` for `webhookId:…`, under the keys
 * at /.well-known/jwks.json of the portal's data centre. It vouches for Zoho, and not for the body.
 */
const deskJwt: Scheme = {
  ...jwtBearer,
  verify(delivery, auth, means) {
    const token = delivery.header("x-zdesk-jwt");
    const bearer = token === undefined ? undefined : `Bearer ${token}`;
    const header = (name: string) =>
      name.toLowerCase() === "authorization" ? bearer : delivery.header(name);
    return jwtBearer.verify({ ...delivery, header }, auth, means);
  },
};

/** The instants are digits in a text. */
const Milliseconds = z
  .union([z.string().regex(/^\d{1,15}$/, "Must be digits"), z.int().min(0)])
  .transform(Number);

const Event = z.looseObject({
  eventType: z.string().min(1).max(64),
  eventTime: Milliseconds,
  orgId: z.union([z.string().min(1).max(32), z.int()]).transform(String),
  payload: z.looseObject({}),
});
type Event = z.output<typeof Event>;

/** Webhooks of Zoho Desk: https://desk.zoho.com/support/WebhookDocument.do */
export const zohoDesk: Sender = {
  name: "zoho-desk",
  family: "product",
  defaultScheme: "url-token",
  schemes: { ...SHOWN_SCHEMES, "zoho-desk-jwt": deskJwt },
  readHeaders: [],
  checkOptions: productOptions(API_KEY_OPTIONS),

  read({ body }, context): Reading {
    const list = parseJsonList(body, EVENTS_MAX);
    if (!list.ok) return { kind: "malformed", errors: list.refusal };
    return { kind: "items", items: list.value.map((entry) => readEvent(entry, context)) };
  },

  // Only 200 counts, another 2xx does not.
  reply: ({ kind }) => (kind === "taken" ? { status: 200 } : undefined),

  // A webhook is only saved when its URL answers a GET.
  greetMethods: ["GET"],
  greet: ({ method }) => Promise.resolve(method === "GET" ? { status: 200 } : undefined),
};

/** One unreadable entry stays alone: the others of the list are not told again. */
function readEvent(entry: unknown, context: ReadingContext): Item {
  const parsed = Event.safeParse(entry);
  if (!parsed.success) return unreadableItem(entry, parsed.error);
  const { orgId, eventType: type, eventTime: occurredAtMs, payload } = parsed.data;
  // Desk gives no id: what it says, and when, is the event.
  const state = fingerprint(JSON.stringify(payload));
  const id = idOf(orgId, type, textOf(payload["id"]), occurredAtMs, state);
  const fact = translate(parsed.data);
  return readTelling({ id, type, occurredAtMs, payload: entry, fact }, context);
}

/** The payload is the current state of a ticket or contact, so that it can be its revision. */
function translate({ eventType, eventTime, orgId, payload }: Event): Fact | string {
  const rev = changedAtMs(payload) ?? eventTime;
  const system = `zoho-desk:${orgId}`;
  switch (eventType) {
    case "Ticket_Add":
    case "Ticket_Update":
      return { type: "ticket.upserted", data: ticketOf(system, payload), rev };
    case "Contact_Add":
    case "Contact_Update":
      return { type: "lead.upserted", data: leadOf(system, payload), rev };
    default:
      return `No event of ours says "${eventType}": say in options.rules what it is, or leave it out at Zoho`;
  }
}

function changedAtMs({ modifiedTime }: Loose): number | undefined {
  return typeof modifiedTime === "string" ? parseInstant(modifiedTime) : undefined;
}

/** Classification and category are lists that may be left empty; a ticket is at least that. */
const ticketOf = (system: string, payload: Loose): Loose =>
  told({
    system,
    object_id: payload["id"],
    status: payload["status"],
    subject_kind: textOf(payload["classification"]) ?? textOf(payload["category"]) ?? "ticket",
  });

const leadOf = (crm: string, payload: Loose): Loose =>
  told({
    crm,
    object_id: payload["id"],
    owner_id: textOf(payload["ownerId"]),
    fields: payload,
  });
