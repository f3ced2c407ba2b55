import * as z from "zod";
import { violationsOf } from "../core/contracts/violation.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { noOptions } from "./read/options.ts";
import { readRow } from "./read/rows.ts";
import { translateSObject } from "./salesforce-outbound-message-facts.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";

const Head = z.object({
  kind: z.enum(["hubspot", "salesforce", "zoho", "http"]),
  as: z.enum(["rows", "facts"]),
  account: z.string().exactOptional(),
  stream: z.string(),
  object: z.string(),
  day: z.string().exactOptional(),
});
type Head = z.output<typeof Head>;

const Entry = z.object({
  /** Empty where none was found. */
  id: z.string(),
  version: z.string(),
  at_ms: z.int(),
  rev: z.string().exactOptional(),
  deleted: z.literal(true).exactOptional(),
  record: z.record(z.string(), z.unknown()),
});
type Entry = z.output<typeof Entry>;

const Body = z.object({ polled: Head, items: z.array(Entry).max(1000) });

/**
 * What the gateway fetched itself from the product of a source (`src/pollers/`), read as that
 * source's. No source can be of this sender: nobody posts it. An item's id is made of the record,
 * its version and what it says, so that the same version fetched again is the same event.
 */
export const polled: Sender = {
  name: "polled",
  family: "product",
  defaultScheme: "",
  schemes: {},
  readHeaders: [],
  checkOptions: noOptions,
  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const read = Body.safeParse(parsed.value);
    if (!read.success) {
      const errors = violationsOf(read.error.issues, { root: [], value: parsed.value });
      return { kind: "malformed", errors };
    }
    const { polled: head, items } = read.data;
    return { kind: "items", items: items.map((entry) => readEntry(entry, head, context)) };
  },
};

function readEntry(entry: Entry, head: Head, context: ReadingContext): Item {
  const { id, record } = entry;
  if (id === "") {
    const message = "No id stands where the stream looks for it";
    const errors = [{ path: "id", rule: "required", message }];
    return { kind: "broken", id: unreadableId(record), code: "contract_violated", errors };
  }
  return head.as === "rows" ? readAsRow(entry, head, context) : readAsFact(entry, head, context);
}

const aboutOf = ({ id, version, deleted }: Entry, { object, stream, day }: Head): Loose => ({
  object,
  stream,
  record_id: id,
  version,
  day,
  op: deleted === true ? "d" : "u",
});

/** A gap's row stands for all that its log says up to there; any other is older than what a log says. */
function readAsRow(entry: Entry, head: Head, context: ReadingContext): Item {
  const { at_ms: atMs, rev, deleted, record } = entry;
  const row = { ...record };
  delete row["attributes"];
  return readRow(
    {
      tables: [`${head.kind}:${head.object}`, head.object],
      ...(deleted === true ? { op: "d", before: row } : { op: "r", after: row }),
      ...(rev === undefined ? { snapshotRev: String(atMs) } : { rev }),
      position: `polled:${entry.version}`,
      occurredAtMs: atMs,
      about: aboutOf(entry, head),
    },
    context,
  );
}

function readAsFact(entry: Entry, head: Head, context: ReadingContext): Item {
  const { id, version, at_ms: atMs, record } = entry;
  return readTelling(
    {
      id: idOf(head.object, id, version, fingerprint(JSON.stringify(record)).slice(0, 16)),
      type: `polled ${head.object}`,
      occurredAtMs: atMs,
      payload: record,
      about: aboutOf(entry, head),
      fact: translate(entry, head),
    },
    context,
  );
}

function translate(entry: Entry, head: Head): Fact | string {
  const { id, deleted } = entry;
  const { object, kind } = head;
  if (deleted === true) {
    return `The record ${id} of ${object} was deleted: no event of ours says so`;
  }
  return TRANSLATIONS[kind](entry, head) ?? unmappedObject(object);
}

const TRANSLATIONS: Readonly<
  Record<Head["kind"], (entry: Entry, head: Head) => Fact | string | undefined>
> = {
  hubspot: ({ id, record }, { object, account }) =>
    object === "contacts" || object === "0-1" ? hubspotLead(id, record, account) : undefined,
  salesforce: ({ record }, { object, account }) =>
    translateSObject({ object, organizationId: account ?? "", fields: rfc3339(record) }),
  zoho: ({ id, record }, { object, account }) =>
    object === "Leads" || object === "Contacts" ? zohoLead(id, record, account) : undefined,
  http: () => undefined,
};

const unmappedObject = (object: string): string =>
  `No event of ours says "${object}": say in options.rules what it is, when {"$object": "${object}"}`;

/** The same lead as its webhooks tell: of the portal. */
function hubspotLead(id: string, record: Loose, account: string | undefined): Fact {
  const fields = looseOf(record["properties"]);
  const owner = textOf(fields["hubspot_owner_id"]);
  const data = { crm: `hubspot:${account ?? ""}`, object_id: id, owner_id: owner, fields };
  return { type: "lead.upserted", data: told(data) };
}

function zohoLead(id: string, record: Loose, account: string | undefined): Fact {
  const crm = account === undefined ? "zoho" : `zoho:${account}`;
  const owner = textOf(looseOf(record["Owner"])["id"]);
  return {
    type: "lead.upserted",
    data: told({ crm, object_id: id, owner_id: owner, fields: record }),
  };
}

/** REST writes offsets without a colon, where messages have `Z`. */
const rfc3339 = (fields: Loose): Loose =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(/^(\d{4}-\d\d-\d\dT[\d:.]+)\+0000$/, "$1Z") : value,
    ]),
  );
