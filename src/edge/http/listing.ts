import * as z from "zod";
import type { Result } from "../../core/result.ts";
import type { ControlReader, Marked, Part, Reader, Reading } from "../reading.ts";
import { cursorAt, pageOf, readPage } from "./cursor.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerControl, answerRead, controlReaderOf, readerOf } from "./reader.ts";
import type { ApiContext } from "./route.ts";

/** A part of a list. */
export interface Found<Row, After> {
  readonly rows: readonly Row[];
  /** Where a search stopped that looked at many rows and found few: it goes on from there. */
  readonly searchedTo?: After;
}

/** A list: what narrows it, who reads it, and how it is shown. */
interface Listing<Shape extends z.ZodRawShape, After, Whose, Row> {
  readonly query: z.ZodObject<Shape>;
  /** A place in the list, as cursors carry it. */
  readonly place: z.ZodType<After>;
  readonly at: (row: Row) => After;
  /** One row more than is shown: it tells whether the list goes on. */
  readonly read: (
    reader: Whose,
    query: z.infer<z.ZodObject<Shape>>,
    part: Part<After>,
  ) => Promise<Reading<Found<Row, After>>>;
  readonly show: (row: Row) => unknown;
}

interface Source<Whose> {
  readonly readerOf: (c: ApiContext) => Result<Whose, Response>;
  readonly answer: (c: ApiContext, body: unknown, read: Marked) => Response;
}

/** The answer of a list, from wherever it is read. */
export async function answerList<Shape extends z.ZodRawShape, After, Whose, Row>(
  c: ApiContext,
  { query: schema, place, at, read, show }: Listing<Shape, After, Whose, Row>,
  from: Source<Whose>,
): Promise<Response> {
  const query = readQuery(c, schema, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, place, query.value);
  if (!page.ok) return page.refusal;
  const reader = from.readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const found = await read(reader.value, query.value, part);
  const { rows, searchedTo } = found.value;
  const shown = pageOf(rows, page.value, { show, at });
  const onward = searchedTo === undefined ? null : cursorAt(page.value, searchedTo);
  return from.answer(c, { ...shown, next_cursor: shown.next_cursor ?? onward }, found);
}

/** The answer of a list of the tenant's mirror. */
export const answerMirrorList = <Shape extends z.ZodRawShape, After, Row>(
  c: ApiContext,
  listing: Listing<Shape, After, Reader, Row>,
): Promise<Response> =>
  answerList(c, listing, { readerOf, answer: (_c, body, read) => answerRead(body, read) });

/** {@link answerMirrorList} of the control tables. */
export const answerControlList = <Shape extends z.ZodRawShape, After, Row>(
  c: ApiContext,
  listing: Listing<Shape, After, ControlReader, Row>,
): Promise<Response> =>
  answerList(c, listing, { readerOf: controlReaderOf, answer: answerControl });

/** What lists its rows in the order of one of their texts. */
interface Lists<Row> {
  list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly Row[]>>;
}

/** {@link answerControlList} of all that there is. */
export const answerWholeList = <Row>(
  c: ApiContext,
  from: Lists<Row>,
  how: { readonly at: (row: Row) => string; readonly show: (row: Row) => unknown },
): Promise<Response> =>
  answerControlList(c, {
    ...how,
    query: z.object({}),
    place: z.string(),
    async read(reader, _query, part) {
      const { value: rows, ...marked } = await from.list(reader, part);
      return { ...marked, value: { rows } };
    },
  });

/** The answer of one thing of the control tables, which takes no parameters. */
export async function answerControlOne<Row>(
  c: ApiContext,
  read: (reader: ControlReader) => Promise<Reading<Row | undefined>>,
  show: (row: Row) => unknown,
): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const reader = controlReaderOf(c);
  if (!reader.ok) return reader.refusal;
  const found = await read(reader.value);
  return found.value === undefined
    ? problem("not_found")
    : answerControl(c, show(found.value), found);
}

/** The answer of one thing of the tenant's mirror, which takes no parameters. */
export async function answerMirrorOne<Row>(
  c: ApiContext,
  read: (reader: Reader) => Promise<Reading<Row | undefined>>,
  show: (row: Row) => unknown,
): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const found = await read(reader.value);
  return found.value === undefined ? problem("not_found") : answerRead(show(found.value), found);
}
