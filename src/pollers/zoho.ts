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

const VERSION = "v8";
/** One credit a query up to here: https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html */
const PAGE_SIZE = 200;
/** https://www.zoho.com/crm/developer/docs/api/v8/get-records.html: as many `ids`, and 50 `fields`. */
const IDS_MAX = 100;

const objectOf = (stream: StreamSettings): ObjectStream => {
  if (!("object" in stream)) throw new Error(`Cannot ask Zoho for stream "${stream.name}"`);
  return stream;
};

const pageSize = (stream: StreamSettings): number => objectOf(stream).page_size ?? PAGE_SIZE;

const columns = ({ fields }: ObjectStream): readonly string[] => [
  ...new Set(["id", "Modified_Time", ...fields]),
];

const creditsOf = (limit: number): number => (limit <= 200 ? 1 : limit <= 1000 ? 2 : 3);

/** COQL takes seconds and an offset: `2026-01-31T12:00:00+00:00`. */
const instantText = (ms: number): string => `${formatInstant(ms).slice(0, 19)}+00:00`;

interface At {
  readonly at: string;
  readonly id?: string;
}

function placeOf(place: Place, fromMs: number | null): At {
  const { at, id } = looseOf(place);
  if (typeof at !== "string") return { at: instantText(Math.max(0, fromMs ?? 0)) };
  return typeof id === "string" ? { at, id } : { at };
}

/**
 * By the last change and id seen, as offsets end at 100,000 records and shift with every change:
 * https://www.zoho.com/crm/developer/docs/api/v8/COQL-Overview.html
 */
function ask({ url }: Base, given: StreamSettings, { fromMs, place, size }: Asked): Ask {
  const stream = objectOf(given);
  const { at, id } = placeOf(place, fromMs);
  const behind =
    id === undefined
      ? `Modified_Time >= '${at}'`
      : `((Modified_Time > '${at}') or (Modified_Time = '${at}' and id > ${id}))`;
  const limit = size ?? pageSize(given);
  const from = `select ${columns(stream).join(", ")} from ${stream.object}`;
  return {
    method: "POST",
    url: `${url}/crm/${VERSION}/coql`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      select_query: `${from} where ${behind} order by Modified_Time asc, id asc limit ${limit}`,
    }),
    cost: creditsOf(limit),
  };
}

function read(given: StreamSettings, { size }: Asked, answer: Answer): Page | Fault {
  const fault = faultOf(answer);
  if (fault !== undefined) return fault;
  // Nothing found is 204, without a body.
  if (answer.status === 204) return { kind: "page", items: [] };
  const { data, info } = looseOf(answer.body);
  if (!Array.isArray(data)) return failed("The query answers no data");
  const items = data.map((record) => recordOf(looseOf(record)));
  const isFull = items.length >= (size ?? pageSize(given));
  const last = items.at(-1);
  const hasMore = isFull || looseOf(info)["more_records"] === true;
  if (!hasMore || last?.atMs === undefined) return { kind: "page", items };
  return { kind: "page", items, next: { at: instantText(last.atMs), id: last.id } };
}

function recordOf(record: Loose): Found {
  const atMs = parseInstant(textOf(record["Modified_Time"]) ?? "");
  return {
    id: textOf(record["id"]) ?? "",
    ...(atMs === undefined ? {} : { atMs }),
    record: jsonOf(record),
  };
}

const lookUp: LookUp = {
  idsMax: IDS_MAX,
  objectOf: (table) => /^zoho:(\w+)$/.exec(table)?.[1],
  ask({ url }, given, ids) {
    const stream = objectOf(given);
    const asked = new URLSearchParams({ ids: ids.join(","), fields: columns(stream).join(",") });
    return {
      method: "GET",
      url: `${url}/crm/${VERSION}/${stream.object}?${asked.toString()}`,
      cost: 1,
    };
  },
  read(_stream, answer) {
    const fault = faultOf(answer);
    if (fault !== undefined) return fault;
    if (answer.status === 204) return { kind: "records", items: [] };
    const { data } = looseOf(answer.body);
    if (!Array.isArray(data)) return failed("The answer has no data");
    return { kind: "records", items: data.map((record) => recordOf(looseOf(record))) };
  },
};

/**
 * Zoho CRM by COQL. Credits of a rolling day: 50,000 and more by users (DOMAIN §9), so that their
 * number is for the source to say; five requests at once are the least an edition has, we ask one.
 */
export const zohoPoller: Poller = {
  perDay: 50_000,
  perSecond: 5,
  overlapS: 300,
  isInOrder: true,
  pageSize,
  ask,
  read,
  lookUp,
};
