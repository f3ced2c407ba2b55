import { formatInstant, parseInstantOrDay } from "../core/contracts/instant.ts";
import { isLoose, looseOf, textOf } from "../senders/read/loose.ts";
import { at } from "../senders/read/path.ts";
import { type Pick, pickOne } from "../senders/read/pick.ts";
import { failed, faultOf } from "./answers.ts";
import { jsonOf } from "./json.ts";
import type { Answer, Ask, Asked, Fault, Found, Page, Place, Poller } from "./poller.ts";
import { type HttpStream, isHttpStream, type StreamSettings } from "./settings.ts";

const PAGE_ITEMS_MAX = 10_000;
/** Above it a number is milliseconds since 1970, below it seconds: in the year 5138 both would do. */
const SECONDS_MAX = 100_000_000_000;
/** The last millisecond that RFC 3339 can write: what is beyond, or before 1970, is no moment. */
const INSTANT_MS_MAX = 253_402_300_799_999;
/** Of a header Link: as long as an address can be, and its neighbours. */
const LINK_CHARS_MAX = 8000;

function streamOf(stream: StreamSettings): HttpStream {
  if (!isHttpStream(stream))
    throw new Error(`Cannot ask for stream "${stream.name}": it has no url`);
  return stream;
}

type Values = Readonly<Record<string, string | undefined>>;

const PLACE = /\{(\w+)\}/g;

/** A template with its places filled; a parameter of the query whose place has no value is left out. */
export function fill(template: string, values: Values): string {
  const [path = "", ...query] = template.split("?");
  const put = (text: string) =>
    text.replaceAll(PLACE, (_whole, name: string) =>
      encodeURIComponent((values[name] ?? "").toWellFormed()),
    );
  const isWhole = (parameter: string) =>
    [...parameter.matchAll(PLACE)].every(([, name = ""]) => values[name] !== undefined);
  const parameters = query
    .join("?")
    .split("&")
    .filter((one) => one !== "" && isWhole(one));
  return put(path) + (parameters.length === 0 ? "" : `?${parameters.map(put).join("&")}`);
}

function sinceText(ms: number, as: HttpStream["since_as"]): string {
  const instant = Math.max(0, ms);
  if (as === "s") return String(Math.floor(instant / 1000));
  if (as === "ms") return String(instant);
  const text = formatInstant(instant);
  return as === "day" ? text.slice(0, 10) : text;
}

function ask(_base: object, given: StreamSettings, { fromMs, place, day }: Asked): Ask {
  const stream = streamOf(given);
  const { next, cursor, page } = looseOf(place);
  const { pages } = stream;
  const url =
    textOf(next) ??
    fill(stream.url, {
      since: fromMs === null ? undefined : sinceText(fromMs, stream.since_as),
      day,
      cursor: textOf(cursor),
      page: pages?.kind === "page" ? String(Number(page ?? pages.first)) : undefined,
    });
  return { method: "GET", url, headers: { Accept: "application/json" }, cost: 1 };
}

const isCursor = (place: Place): boolean => {
  const { cursor, next } = looseOf(place);
  return cursor !== undefined || next !== undefined;
};

/** Places in a listing that a server has forgotten: 410, and 400 or 404 of a cursor that was its own. */
const FORGOTTEN: ReadonlySet<number> = new Set([400, 404, 410]);

function read(given: StreamSettings, asked: Asked, answer: Answer): Page | Fault {
  const stream = streamOf(given);
  const fault = faultOf(answer);
  if (fault !== undefined) {
    const isForgotten = isCursor(asked.place) && FORGOTTEN.has(answer.status);
    return isForgotten ? { kind: "expired", detail: fault.detail } : fault;
  }
  const list = listIn(stream, answer);
  if (!Array.isArray(list))
    return failed(`No list stands at "${stream.items ?? ""}" of the answer`);
  if (list.length > PAGE_ITEMS_MAX) return failed(`A page has more than ${PAGE_ITEMS_MAX} items`);
  const items = list.map((item) => foundIn(item, stream));
  const follows = nextOf(stream, asked.place, { answer, items: items.length });
  if (follows === "strange") {
    return failed("The next page is on another host: credentials do not go there");
  }
  const { next } = follows;
  return { kind: "page", items, ...(next === undefined ? {} : { next }) };
}

/** Nothing found may be 204, without a body. */
function listIn({ items }: HttpStream, { status, body }: Answer): unknown {
  if (status === 204) return [];
  return items === undefined ? body : at(body, items);
}

function foundIn(item: unknown, { id, updated_at: updatedAt }: HttpStream): Found {
  const told = { payload: item, about: {} };
  const atMs = updatedAt === undefined ? undefined : momentOf(pickOne(updatedAt, told), updatedAt);
  return {
    id: textOf(pickOne(id, told)) ?? "",
    ...(atMs === undefined ? {} : { atMs }),
    record: jsonOf(isLoose(item) ? item : { value: item }),
  };
}

/** Where the pick names a form, it has made an instant of it. */
function momentOf(found: unknown, pick: Pick): number | undefined {
  if (typeof found === "string" && !/^\d+$/.test(found)) return momentIn(parseInstantOrDay(found));
  const number = Number(textOf(found) ?? Number.NaN);
  if (!Number.isSafeInteger(number) || typeof pick !== "string") return undefined;
  return momentIn(number < SECONDS_MAX ? number * 1000 : number);
}

const momentIn = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms >= 0 && ms <= INSTANT_MS_MAX ? ms : undefined;

type Next = { readonly next: Place | undefined } | "strange";

const END: Next = { next: undefined };

function nextOf(
  { pages, url }: HttpStream,
  place: Place,
  { answer, items }: { readonly answer: Answer; readonly items: number },
): Next {
  if (pages === undefined) return END;
  if (pages.kind === "page") {
    const page = Number(looseOf(place)["page"] ?? pages.first) + 1;
    return items === 0 || items < (pages.size ?? 0) ? END : { next: { page } };
  }
  const told = pages.at === undefined ? linkIn(answer) : textOf(at(answer.body, pages.at));
  if (told === undefined) return END;
  return pages.kind === "token" ? { next: { cursor: told } } : addressOf(told, fill(url, {}));
}

function addressOf(told: string, base: string): Next {
  const address = URL.parse(told, base);
  return address?.origin === new URL(base).origin ? { next: { next: address.href } } : "strange";
}

/** RFC 8288: `<https://…>; rel="next"`, one of several. */
const linkIn = ({ header }: Answer): string | undefined =>
  /<([^<>]*)>[^<>]*;\s*rel="?(?:[^"<>]*\s)?next\b/i.exec(
    (header("link") ?? "").slice(0, LINK_CHARS_MAX),
  )?.[1];

/**
 * Any list over HTTP: options say where it is, where its records stand, and how it goes on. Its
 * watermark is the newest `updated_at` seen, by whatever clock wrote it.
 */
export const httpPoller: Poller = {
  perDay: 100_000,
  perSecond: 2,
  overlapS: 300,
  isShifting: (stream) => streamOf(stream).pages?.kind === "page",
  ask,
  read,
};
