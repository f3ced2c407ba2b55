import { formatInstant, parseInstant } from "../core/contracts/instant.ts";
import { type Loose, looseOf, textOf } from "../senders/read/loose.ts";
import { failed, faultOf } from "./answers.ts";
import { jsonOf } from "./json.ts";
import type {
  Answer,
  Ask,
  Asked,
  Base,
  Fault,
  Found,
  LookUp,
  Page,
  Place,
  Poller,
} from "./poller.ts";
import type { ObjectStream, StreamSettings } from "./settings.ts";

const VERSION = "v62.0";
/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_queryoptions.htm */
const PAGE_SIZE = 2000;
/** A query stands in the address, of which 16,384 characters are taken: 200 ids need some 4,400. */
const IDS_MAX = 200;
const NEVER_MS = 0;

const objectOf = (stream: StreamSettings): ObjectStream => {
  if (!("object" in stream)) throw new Error(`Cannot ask Salesforce for stream "${stream.name}"`);
  return stream;
};

const pageSize = (stream: StreamSettings): number =>
  Math.min(objectOf(stream).page_size ?? PAGE_SIZE, PAGE_SIZE);

/** What every record is read by. Without fields named, all of the standard ones. */
function columns({ fields }: ObjectStream): string {
  if (fields.length === 0) return "FIELDS(STANDARD)";
  return [...new Set(["Id", "SystemModstamp", "IsDeleted", ...fields])].join(", ");
}

/** `queryAll` shows what lies in the recycle bin, too: a deletion is a change of its own. */
const query = (url: string, soql: string): Ask => ({
  method: "GET",
  url: `${url}/services/data/${VERSION}/queryAll?q=${encodeURIComponent(soql)}`,
  cost: 1,
});

interface At {
  readonly at: string;
  readonly id?: string;
}

function placeOf(place: Place, fromMs: number | null): At {
  const { at, id } = looseOf(place);
  if (typeof at !== "string") return { at: formatInstant(Math.max(NEVER_MS, fromMs ?? NEVER_MS)) };
  return typeof id === "string" ? { at, id } : { at };
}

/**
 * By the last change and id seen: no locator that ends, no offset that shifts.
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_orderby.htm
 */
function ask({ url }: Base, given: StreamSettings, { fromMs, place, size }: Asked): Ask {
  const stream = objectOf(given);
  const { at, id } = placeOf(place, fromMs);
  const behind =
    id === undefined
      ? `SystemModstamp >= ${at}`
      : `(SystemModstamp > ${at} OR (SystemModstamp = ${at} AND Id > '${id}'))`;
  const limit = size ?? pageSize(given);
  return query(
    url,
    `SELECT ${columns(stream)} FROM ${stream.object} WHERE ${behind} ORDER BY SystemModstamp ASC, Id ASC LIMIT ${limit}`,
  );
}

function read(given: StreamSettings, { size }: Asked, answer: Answer): Page | Fault {
  const fault = faultIn(answer);
  if (fault !== undefined) return fault;
  const { records, done } = looseOf(answer.body);
  if (!Array.isArray(records)) return failed("The query answers no records");
  const items = records.map((record) => recordOf(looseOf(record)));
  const limit = size ?? pageSize(given);
  // Records with many fields come in smaller batches than were asked for.
  const hasMore = done === false || items.length >= limit;
  const last = items.at(-1);
  if (!hasMore || last?.atMs === undefined) return { kind: "page", items };
  return { kind: "page", items, next: { at: formatInstant(last.atMs), id: last.id } };
}

/** Salesforce writes its offset without a colon: `2026-01-31T12:00:00.000+0000`. */
const instantOf = (value: unknown): number | undefined =>
  parseInstant((textOf(value) ?? "").replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));

function recordOf({ attributes: _attributes, ...fields }: Loose): Found {
  const atMs = instantOf(fields["SystemModstamp"]) ?? instantOf(fields["LastModifiedDate"]);
  const isDeleted = fields["IsDeleted"] === true;
  return {
    id: textOf(fields["Id"]) ?? "",
    ...(atMs === undefined ? {} : { atMs }),
    ...(isDeleted ? { isDeleted } : {}),
    record: jsonOf(fields),
  };
}

/** Salesforce's own words for a day's requests being used up: 403, without Retry-After. */
function faultIn(answer: Answer): Fault | undefined {
  const fault = faultOf(answer);
  if (fault?.kind !== "forbidden" || !fault.detail.includes("REQUEST_LIMIT_EXCEEDED")) return fault;
  return { kind: "throttled", detail: fault.detail, afterMs: 3_600_000 };
}

const ID = /^[A-Za-z\d]{15}(?:[A-Za-z\d]{3})?$/;

/** Ids come with 15 characters or 18, of which the first 15 tell them apart. */
export const shortId = (id: string): string => id.slice(0, 15);

const lookUp: LookUp = {
  idsMax: IDS_MAX,
  objectOf: (table) => /^salesforce:(\w+)$/.exec(table)?.[1],
  ask({ url }, given, ids) {
    const stream = objectOf(given);
    // What is no id would make all of the query fail, and stands for no record.
    const listed = ids.filter((id) => ID.test(id)).map((id) => `'${id}'`);
    const named = listed.length === 0 ? "''" : listed.join(",");
    return query(url, `SELECT ${columns(stream)} FROM ${stream.object} WHERE Id IN (${named})`);
  },
  read(_stream, answer) {
    const fault = faultIn(answer);
    if (fault !== undefined) return fault;
    const { records, done } = looseOf(answer.body);
    if (!Array.isArray(records)) return failed("The query answers no records");
    const items = records.map((record) => recordOf(looseOf(record)));
    const answered = items.map(({ id }) => shortId(id));
    return { kind: "records", items, answered, ...(done === false ? { isPartial: true } : {}) };
  },
};

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm */
function used({ header }: Answer): number | undefined {
  const [, spent, limit] = /api-usage=(\d+)\/(\d+)/.exec(header("sforce-limit-info") ?? "") ?? [];
  return spent === undefined || Number(limit) === 0 ? undefined : Number(spent) / Number(limit);
}

/**
 * Salesforce by SOQL: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_queryall.htm
 * `SystemModstamp` is set before its transaction commits, which may take ten minutes: so far back
 * goes every round. 100,000 requests a day are the least an Enterprise edition has (DOMAIN §9).
 */
export const salesforcePoller: Poller = {
  perDay: 100_000,
  perSecond: 5,
  overlapS: 600,
  isInOrder: true,
  pageSize,
  ask,
  read,
  lookUp,
  used,
};
