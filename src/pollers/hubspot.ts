import { formatInstant, parseInstant } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import { type Loose, looseOf, textOf } from "../senders/read/loose.ts";
import { faultOf, failed } from "./answers.ts";
import { jsonOf } from "./json.ts";
import type { Answer, Asked, Base, Fault, Found, LookUp, Page, Place, Poller } from "./poller.ts";
import type { ObjectStream, StreamSettings } from "./settings.ts";

/** https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm: 200 objects a page. */
const PAGE_SIZE = 200;
/** https://developers.hubspot.com/docs/api/crm/understanding-the-crm: 100 objects a batch. */
const BATCH_MAX = 100;

/** Contacts alone call it otherwise: https://developers.hubspot.com/docs/api/crm/search */
const modifiedOf = (object: string): string =>
  object === "contacts" || object === "0-1" ? "lastmodifieddate" : "hs_lastmodifieddate";

/**
 * Where a search goes on. Never by HubSpot's own `after`, which ends at 10,000 results and shifts
 * with every change: by the last change seen (`atMs`, of which more may follow), and within changes
 * of one millisecond by id. `tie` is the last id of those.
 */
interface At {
  readonly atMs: number;
  readonly tie?: string;
}

function placeOf(place: Place, fromMs: number | null): At {
  const { atMs, tie } = looseOf(place);
  if (typeof atMs !== "number") return { atMs: Math.max(0, fromMs ?? 0) };
  return typeof tie === "string" ? { atMs, tie } : { atMs };
}

const objectOf = (stream: StreamSettings): ObjectStream => {
  if (!("object" in stream)) throw new Error(`Cannot ask HubSpot for stream "${stream.name}"`);
  return stream;
};

const pageSize = (stream: StreamSettings): number => objectOf(stream).page_size ?? PAGE_SIZE;
const sizeOf = (stream: StreamSettings, { size }: Asked): number => size ?? pageSize(stream);

/** Merged ids stand in their survivor's record. */
const MERGED = "hs_merged_object_ids";

function propertiesOf({ object, fields }: ObjectStream): readonly string[] {
  const own = [modifiedOf(object), "createdate", MERGED];
  return [...new Set([...fields, ...own])];
}

function ask({ url }: Base, given: StreamSettings, asked: Asked) {
  const { fromMs, place } = asked;
  const stream = objectOf(given);
  const { atMs, tie } = placeOf(place, fromMs);
  const modified = modifiedOf(stream.object);
  const at = { propertyName: modified, value: String(atMs) };
  const filters =
    tie === undefined
      ? [{ ...at, operator: "GTE" }]
      : [
          { ...at, operator: "EQ" },
          { propertyName: "hs_object_id", operator: "GT", value: tie },
        ];
  const body = {
    filterGroups: [{ filters }],
    // One sort is all there is.
    sorts: [
      { propertyName: tie === undefined ? modified : "hs_object_id", direction: "ASCENDING" },
    ],
    properties: propertiesOf(stream),
    limit: sizeOf(given, asked),
  };
  return {
    method: "POST",
    url: `${url}/crm/v3/objects/${stream.object}/search`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    cost: 1,
  } as const;
}

function read(given: StreamSettings, asked: Asked, answer: Answer): Page | Fault {
  const fault = faultOf(answer);
  if (fault !== undefined) return fault;
  const { results, paging } = looseOf(answer.body);
  if (!Array.isArray(results)) return failed("The search answers no results");
  const stream = objectOf(given);
  const items = results.map((result) => recordOf(looseOf(result), stream.object));
  const hasMore = looseOf(paging)["next"] !== undefined || items.length >= sizeOf(given, asked);
  return pageOf(items, placeOf(asked.place, asked.fromMs), hasMore);
}

function pageOf(items: readonly Found[], { atMs, tie }: At, hasMore: boolean): Page {
  const last = items.at(-1);
  if (tie !== undefined) {
    // Behind the last of them come those of the next millisecond.
    const next = hasMore && last !== undefined ? { atMs, tie: last.id } : { atMs: atMs + 1 };
    return { kind: "page", items, next };
  }
  if (!hasMore || last === undefined) return { kind: "page", items };
  const lastMs = last.atMs ?? atMs;
  // A page full of one millisecond: by their ids they come to an end.
  return { kind: "page", items, next: lastMs > atMs ? { atMs: lastMs } : { atMs, tie: "0" } };
}

function recordOf(result: Loose, object: string): Found {
  const properties = looseOf(result["properties"]);
  const changed = textOf(properties[modifiedOf(object)]) ?? textOf(result["updatedAt"]) ?? "";
  const atMs = parseInstant(changed) ?? (/^\d{13}$/.test(changed) ? Number(changed) : undefined);
  return {
    id: textOf(result["id"]) ?? "",
    ...(atMs === undefined ? {} : { atMs }),
    record: jsonOf({
      ...result,
      ...(atMs === undefined ? {} : { updatedAt: formatInstant(atMs) }),
    }),
  };
}

/** What a gap's table calls its objects: `hubspot:62515:contacts`. */
function tableObject(table: string, account: string | undefined): string | undefined {
  const [product, portal, object] = table.split(":");
  return product === "hubspot" && portal === account ? object : undefined;
}

/**
 * https://developers.hubspot.com/docs/api/crm/contacts: `POST …/batch/read`. What is not there is left out, with
 * status 207 and `errors`, and what was merged comes as its survivor.
 */
const lookUp: LookUp = {
  idsMax: BATCH_MAX,
  objectOf: (table, { account }) => tableObject(table, account),
  ask: ({ url }, stream, ids) => ({
    method: "POST",
    url: `${url}/crm/v3/objects/${objectOf(stream).object}/batch/read`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      properties: propertiesOf(objectOf(stream)),
      inputs: ids.map((id) => ({ id })),
    }),
    cost: 1,
  }),
  read(stream, answer) {
    const fault = faultOf(answer);
    if (fault !== undefined) return fault;
    const { results } = looseOf(answer.body);
    if (!Array.isArray(results)) return failed("The batch answers no results");
    const items = results.map((result) => recordOf(looseOf(result), objectOf(stream).object));
    return { kind: "records", items, answered: items.flatMap(({ record }) => mergedIn(record)) };
  },
};

const mergedIn = (record: JsonObject): readonly string[] =>
  (textOf(looseOf(record["properties"])[MERGED]) ?? "")
    .split(";")
    .map((id) => id.trim())
    .filter((id) => id !== "");

/**
 * HubSpot's CRM by search: https://developers.hubspot.com/docs/api/crm/search
 * What was changed a moment ago may not be found yet, so that rounds overlap by minutes; searches of
 * an account are five a second, of which we take two. Daily limits by plan (DOMAIN §9): Professional.
 */
export const hubspotPoller: Poller = {
  perDay: 650_000,
  perSecond: 2,
  overlapS: 300,
  isInOrder: true,
  pageSize,
  ask,
  read,
  lookUp,
};
