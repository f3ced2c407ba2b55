import * as z from "zod";
import { exactInteger } from "../../core/amount.ts";
import { formatInstant, parseInstantOrDay } from "../../core/contracts/instant.ts";
import type { LogRow } from "../../core/subject/chain.ts";
import type { OrderRow } from "../../core/subject/entry.ts";
import type { Tenant } from "../control/directory.ts";
import type { Part, Reader, Reading, TransferPlace, TransferRow } from "../reading.ts";
import { cursorAt, pageOf, readPage } from "./cursor.ts";
import { showTransfer } from "./ledger.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/** A subject's log as far as it is mirrored. */
export interface ChainRow {
  readonly subject: string;
  readonly position: number;
  readonly head: string;
  readonly frozenMs: number | null;
}

/** With an order's row and manifest, as the mirror has them beside that position; else null. */
interface LogPlace extends ChainRow {
  /** JSON of an {@link OrderMirrored}. */
  readonly order: string | null;
  readonly sentLines: number | null;
  /** JSON of `[[currency, Σ amount, Σ reversed], …]`, as decimal text. */
  readonly sentSums: string | null;
}

/** An order as the mirror has it, under the names of its log. */
type OrderMirrored = Omit<OrderRow, "order_id" | "lines" | "manifest">;

/** What was counted for somebody in a period: hundredths of a point, as decimal text. */
export interface VolumeRow extends VolumePlace {
  readonly pv: string;
  readonly cv: string;
  readonly gv: string;
}

interface VolumePlace {
  readonly distributorId: string;
  readonly periodId: string;
}

export interface AnchorRow extends AnchorPlace {
  readonly position: number;
  readonly head: string;
}

export interface AnchorPlace {
  readonly subject: string;
  readonly day: string;
}

export interface ChainPorts {
  readonly chains: {
    /** By subject. */
    list(reader: Reader, part: Part<string>): Promise<Reading<readonly ChainRow[]>>;
    one(reader: Reader, subject: string): Promise<Reading<LogPlace | undefined>>;
    /** Oldest first. */
    transfers(
      reader: Reader,
      subject: string,
      part: Part<TransferPlace>,
    ): Promise<Reading<readonly TransferRow[]>>;
    /** By distributor and period. */
    volumes(reader: Reader, part: Part<VolumePlace>): Promise<Reading<readonly VolumeRow[]>>;
    /** By subject and day. */
    anchors(
      reader: Reader,
      day: string | undefined,
      part: Part<AnchorPlace>,
    ): Promise<Reading<{ readonly rows: readonly AnchorRow[]; readonly searchedTo?: AnchorPlace }>>;
  };
  /** A page of the log behind a position, from the object itself. */
  readonly log: (
    tenant: Tenant,
    subject: string,
    after: number,
  ) => Promise<{ readonly rows: readonly LogRow[]; readonly more: boolean }>;
}

export const LogQuery = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}$/, "Must be a position: a whole number from 0")
    .exactOptional(),
});

/** A day of the calendar on which an object can have been anchored. */
const isDay = (text: string): boolean =>
  text.length === "yyyy-mm-dd".length && text >= "1970" && parseInstantOrDay(text) !== undefined;

export const AnchorsQuery = z.object({
  day: z
    .string()
    .refine(isDay, { message: "Must be a date: yyyy-mm-dd", params: { rule: "format" } })
    .meta({ format: "date" })
    .exactOptional(),
});

const Place = z.object({ position: z.int(), n: z.int() });
const AnchorCursor = z.object({ subject: z.string(), day: z.string() });
const VolumeCursor = z.object({ distributorId: z.string(), periodId: z.string() });
const NoQuery = z.object({});

/** `GET …/chains`, `…/chains/{subject}`, `…/chains/{subject}/transfers`, `…/volumes`, `…/anchors` */
export function chainRoutes(ports: ChainPorts): readonly Route[] {
  const read = { method: "GET", permission: "audit:read" } as const;
  const path = "/v1/tenants/:tenant";
  return [
    { ...read, path: `${path}/chains`, handle: (c) => listChains(ports, c) },
    { ...read, path: `${path}/chains/:subject`, handle: (c) => getLog(ports, c) },
    {
      ...read,
      path: `${path}/chains/:subject/transfers`,
      handle: (c) => listTransfers(ports, c),
    },
    { ...read, path: `${path}/volumes`, handle: (c) => listVolumes(ports, c) },
    { ...read, path: `${path}/anchors`, handle: (c) => listAnchors(ports, c) },
  ];
}

async function listChains({ chains }: ChainPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, NoQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, z.string(), query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await chains.list(reader.value, part);
  return answerRead(pageOf(read.value, page.value, { show: showChain, at: subjectOf }), read);
}

const subjectOf = ({ subject }: ChainRow): string => subject;

const showChain = ({ subject, position, head, frozenMs }: ChainRow) => ({
  subject,
  position,
  head,
  frozen_at: frozenMs === null ? null : formatInstant(frozenMs),
});

/**
 * The log as the object has it, beside how far the mirror had it before. Only of subjects that the
 * mirror knows: asking an object is what would make it.
 */
async function getLog({ chains, log }: ChainPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, LogQuery);
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const subject = param(c, "subject");
  const read = await chains.one(reader.value, subject);
  if (read.value === undefined) return problem("not_found");
  const { rows, more } = await log(c.get("tenant"), subject, Number(query.value.after ?? 0));
  const last = rows.at(-1);
  const items = rows.map(({ position, hash, entry }) => ({ position, hash, entry }));
  const next_after = more && last !== undefined ? last.position : null;
  const mirrored = showChain(read.value);
  const { order: text } = read.value;
  const order = text === null ? null : showOrder(JSON.parse(text));
  const manifest = manifestOf(read.value);
  return answerRead({ mirrored, order, manifest, items, next_after }, read);
}

const showOrder = ({ paid_ms, ...order }: OrderMirrored) => ({
  ...order,
  paid_at: paid_ms === null ? null : formatInstant(paid_ms),
});

const manifestOf = ({ sentLines, sentSums }: LogPlace) =>
  sentLines === null ? null : { lines: sentLines, sums: sentSums };

async function listTransfers({ chains }: ChainPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, NoQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, Place, query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await chains.transfers(reader.value, param(c, "subject"), part);
  return answerRead(pageOf(read.value, page.value, { show: showMoved, at: transferAt }), read);
}

const showMoved = (row: TransferRow) => ({ n: row.n, ...showTransfer(row) });

const transferAt = ({ position, n }: TransferRow): TransferPlace => ({ position, n });

async function listVolumes({ chains }: ChainPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, NoQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, VolumeCursor, query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await chains.volumes(reader.value, part);
  return answerRead(pageOf(read.value, page.value, { show: showVolume, at: volumeAt }), read);
}

const showVolume = ({ distributorId, periodId, pv, cv, gv }: VolumeRow) => ({
  distributor_id: distributorId,
  period_id: periodId,
  pv_x100: exactInteger(BigInt(pv)),
  cv_x100: exactInteger(BigInt(cv)),
  gv_x100: exactInteger(BigInt(gv)),
});

const volumeAt = ({ distributorId, periodId }: VolumeRow): VolumePlace => ({
  distributorId,
  periodId,
});

async function listAnchors({ chains }: ChainPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, AnchorsQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, AnchorCursor, query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await chains.anchors(reader.value, query.value.day, part);
  const { rows, searchedTo } = read.value;
  const { items, next_cursor: next } = pageOf(rows, page.value, { show: showAnchor, at: placeOf });
  const onward = searchedTo === undefined ? null : cursorAt(page.value, searchedTo);
  return answerRead({ items, next_cursor: next ?? onward }, read);
}

const placeOf = ({ subject, day }: AnchorPlace): AnchorPlace => ({ subject, day });

const showAnchor = ({ subject, day, position, head }: AnchorRow) => ({
  subject,
  day,
  position,
  head,
});
