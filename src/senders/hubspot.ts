import * as z from "zod";
import { formatInstant } from "../core/contracts/instant.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { parseJsonList } from "./read/json.ts";
import { itemsOf, type Loose, looseOf, textOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadableItem } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";

const EVENTS_MAX = 100;
const ID_CHARS_MAX = 128;
/** The last millisecond that RFC 3339 can write. */
const INSTANT_MS_MAX = 253_402_300_799_999;

/** Decoded in the URL before it is signed; every other code stays: PROVIDERS 3 «v3 URI rule». */
const DECODED: Readonly<Record<string, string>> = {
  "%3A": ":",
  "%2F": "/",
  "%3F": "?",
  "%40": "@",
  "%21": "!",
  "%24": "$",
  "%27": "'",
  "%28": "(",
  "%29": ")",
  "%2A": "*",
  "%2C": ",",
  "%3B": ";",
};

const Id = z.union([z.int(), z.string().min(1).max(40)]);

/** One entry of a batch; merges and associations name their objects otherwise than by objectId. */
const Change = z
  .looseObject({
    eventId: Id,
    subscriptionId: Id,
    portalId: Id,
    occurredAt: z.int().min(0).max(INSTANT_MS_MAX),
    // A table of the documents calls it eventType.
    subscriptionType: z.string().min(1).optional(),
    eventType: z.string().min(1).optional(),
    objectId: Id.optional(),
    objectTypeId: z.string().optional(),
    fromObjectId: Id.optional(),
    toObjectId: Id.optional(),
    propertyName: z.string().optional(),
    propertyValue: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
    changeSource: z.string().min(1).optional(),
    sourceId: z.string().min(1).optional(),
  })
  .transform(({ subscriptionType, eventType, ...change }) => ({
    ...change,
    type: subscriptionType ?? eventType ?? "",
  }))
  .refine(({ type }) => type !== "", {
    path: ["subscriptionType"],
    params: { rule: "required" },
    error: "Is required",
  });

type Change = z.output<typeof Change>;

/**
 * HubSpot's webhooks: https://developers.hubspot.com/docs/api/webhooks/validating-requests
 * A source believes its configured version alone: v1 and v2 sign no time, and to accept them
 * beside v3 would let a replay drop the newer header.
 */
export const hubspot: Sender = {
  name: "hubspot",
  family: "product",
  defaultScheme: "hubspot-v3",
  schemes: {
    "hubspot-v3": verifySignature({
      header: "x-hubspot-signature-v3",
      grammar: bare,
      encoding: "base64",
      algorithm: "hmac-sha256",
      signed: "{method}{url}{body}{timestamp}",
      time: {
        header: "x-hubspot-request-timestamp",
        unit: "ms",
        ageMax: 300_000,
        aheadMax: 300_000,
      },
      writeUrl: decodeUrl,
    }),
    "hubspot-v2": verifySignature({
      header: "x-hubspot-signature",
      grammar: bare,
      encoding: "hex-lower",
      algorithm: "sha256",
      signed: "{secret}{method}{url}{body}",
    }),
    "hubspot-v1": verifySignature({
      header: "x-hubspot-signature",
      grammar: bare,
      encoding: "hex-lower",
      algorithm: "sha256",
      signed: "{secret}{body}",
    }),
  },
  readHeaders: [],
  checkOptions: productOptions(),

  // Workflow actions can be GET: https://developers.hubspot.com/docs/api/webhooks/validating-requests
  methods: ["POST", "GET"],

  read({ method, body }, context): Reading {
    if (method === "GET") {
      const message = "A workflow action says nothing that an event could be made of";
      const errors = [{ path: "", rule: "unmapped", message }];
      // No query is kept, so that all of them hold the same: a retry is no other event.
      const id = "workflow-get";
      return { kind: "items", items: [{ kind: "broken", id, code: "unmapped", errors }] };
    }
    const list = parseJsonList(body, EVENTS_MAX);
    if (!list.ok) return { kind: "malformed", errors: list.refusal };
    return { kind: "items", items: list.value.map((input) => readChange(input, context)) };
  },
};

function decodeUrl(url: string): string {
  return url.replaceAll(/%[\dA-F]{2}/g, (code) => DECODED[code] ?? code);
}

/** One unreadable entry stays alone: refusing a batch would make HubSpot repeat all of it. */
function readChange(input: unknown, context: ReadingContext): Item {
  const parsed = Change.safeParse(input);
  if (!parsed.success) return unreadableItem(input, parsed.error);

  const change = parsed.data;
  const id = idOf(change);
  const { type, occurredAt } = change;
  const fact = lookedUp(change, context) ?? translate(change);
  return readTelling({ id, type, occurredAtMs: occurredAt, payload: input, fact }, context);
}

/**
 * A created contact is a lead. A changed property is told by itself: as a revision of the lead it
 * would stand for all of its fields, and drop those another change told. Both name the account,
 * for object ids repeat from one to the next.
 */
function translate(change: Change): Fact | string {
  const { type, portalId, objectId, propertyName } = change;
  if (type === "contact.privacyDeletion") {
    return "HubSpot asks to erase this contact: the privacy desk has to confirm who it is";
  }
  const [kind, verb] = kindAndVerb(change);
  if (kind !== "contact" || objectId === undefined) {
    return `No event of ours says "${type}" of this object: fetch it where it matters`;
  }
  const lead = { crm: `hubspot:${portalId}`, object_id: String(objectId) };
  if (verb === "creation") return { type: "lead.upserted", data: { ...lead, fields: {} } };
  if (verb === "propertyChange" && propertyName !== undefined) {
    return { type: "crm.field_changed", data: { ...lead, ...fieldOf(change, propertyName) } };
  }
  return `No event of ours says "${type}"`;
}

/** As HubSpot's API calls them: https://developers.hubspot.com/docs/api/crm/understanding-the-crm */
const OBJECTS: Readonly<Record<string, string>> = {
  contact: "contacts",
  company: "companies",
  deal: "deals",
  ticket: "tickets",
  product: "products",
  line_item: "line_items",
  "0-1": "contacts",
  "0-2": "companies",
  "0-3": "deals",
  "0-5": "tickets",
  "0-7": "products",
  "0-8": "line_items",
};

/** They tell that an object is there, and nothing of it. */
const TELL_NOTHING: ReadonlySet<string> = new Set(["creation", "restore", "merge"]);

/**
 * Where the source is polled for objects of this kind, a change that tells an id alone is a gap: the
 * object is looked up. `options.poll.hydrate` says which changes are; those of {@link TELL_NOTHING},
 * where it is absent.
 */
function lookedUp(change: Change, { options }: ReadingContext): Fact | undefined {
  const poll = looseOf(options["poll"]);
  const { portalId, type } = change;
  if (poll["kind"] !== "hubspot" || String(portalId) !== poll["account"]) return undefined;
  const object = polledObject(change, poll);
  const { newObjectId, primaryObjectId, objectId }: Loose = { ...change };
  const pk = textOf(newObjectId ?? primaryObjectId ?? objectId);
  const { hydrate } = poll;
  const isWanted = Array.isArray(hydrate) ? hydrate.includes(type) : tellsNothing(type);
  if (object === undefined || pk === undefined || !isWanted) return undefined;
  return { type: "cdc.gap", data: { table: `hubspot:${portalId}:${object}`, pks: [pk] } };
}

const tellsNothing = (type: string): boolean => TELL_NOTHING.has(type.split(".")[1] ?? "");

/** What HubSpot's API calls the changed object, where a stream is of it. */
function polledObject({ type, objectTypeId = "" }: Change, poll: Loose): string | undefined {
  const [kind = ""] = type.split(".");
  const name = kind === "object" ? objectTypeId : kind;
  const names = [OBJECTS[name] ?? name, name];
  const objects = itemsOf(poll["streams"]).map((stream) => looseOf(stream)["object"]);
  return names.find((one) => objects.includes(one));
}

/** Generic `object.*` types say by `objectTypeId` what they are about; 0-1 is a contact. */
function kindAndVerb({ type, objectTypeId }: Change): readonly [string, string] {
  const [kind = "", verb = ""] = type.split(".");
  if (kind !== "object") return [kind, verb];
  return [objectTypeId === "0-1" ? "contact" : kind, verb];
}

/** Where HubSpot names nobody who acted, the kind of source did. */
const fieldOf = (change: Change, propertyName: string) => ({
  object: "contact",
  field: propertyName,
  value: change.propertyValue ?? null,
  change_source: change.changeSource ?? "unknown",
  actor: change.sourceId ?? change.changeSource ?? "unknown",
  occurred_at: formatInstant(change.occurredAt),
});

/**
 * `eventId` is documented as not unique, so everything that tells two changes apart is named; the
 * number of the attempt is not, or a retry would be another event (PROVIDERS 3 «Dedupe»).
 */
function idOf(change: Change): string {
  const { portalId, subscriptionId, objectId, fromObjectId, toObjectId } = change;
  const object = objectId ?? `${fromObjectId ?? ""}:${toObjectId ?? ""}`;
  const value = fingerprint(saidBy(change));
  const id = [
    portalId,
    subscriptionId,
    object,
    change.propertyName ?? "",
    change.occurredAt,
    change.eventId,
    value,
  ].join("-");
  return id.length <= ID_CHARS_MAX ? id : `${portalId}-${fingerprint(id)}-${value}`;
}

const NAMED: ReadonlySet<string> = new Set(["creation", "propertyChange"]);

/**
 * What a change says. Of a property it is the value; merges and associations, to which HubSpot adds
 * members of their own, are told apart by all that they hold.
 */
function saidBy(change: Change): string {
  const [, verb] = kindAndVerb(change);
  if (NAMED.has(verb)) return String(change.propertyValue ?? "");
  return JSON.stringify({ ...change, attemptNumber: undefined });
}
