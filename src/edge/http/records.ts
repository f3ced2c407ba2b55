import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { JsonObject } from "../../core/json.ts";
import { isLow, stockIdsOf } from "../../core/record/inventory.ts";
import type { Part, Reader, Reading } from "../reading.ts";
import { cursorAt, pageOf, readPage } from "./cursor.ts";
import { problem } from "./problem.ts";
import { Filter, readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/** A register's current revision. */
export interface RecordRow {
  readonly id: string;
  readonly epoch: number;
  readonly rev: string;
  readonly occurredMs: number;
  readonly recordedMs: number;
  /** JSON of its open members. */
  readonly value: string;
}

export type RecordSearch =
  | {
      readonly kind: "inventory";
      readonly ids?: string;
      readonly location?: string;
      readonly below?: number;
    }
  | {
      readonly kind: "ticket";
      readonly distributorId?: string;
      readonly status?: string;
      readonly open?: boolean;
    }
  | { readonly kind: "autoship" | "period" };

export interface RecordsFound {
  readonly rows: readonly RecordRow[];
  /** Where a search stopped that looked at many rows and found few: it goes on from there. */
  readonly searchedTo?: string;
}

export interface RecordPorts {
  readonly records: {
    /** By id. */
    search(
      reader: Reader,
      search: RecordSearch,
      part: Part<string>,
    ): Promise<Reading<RecordsFound>>;
    one(
      reader: Reader,
      kind: RecordSearch["kind"],
      id: string,
    ): Promise<Reading<RecordRow | undefined>>;
  };
}

export const InventoryQuery = z.object({
  sku: Filter.exactOptional(),
  location: Filter.exactOptional(),
  below: z
    .string()
    .regex(/^-?\d{1,15}$/, "Must be a whole number")
    .exactOptional(),
});

export const TicketsQuery = z.object({
  distributor_id: Filter.exactOptional(),
  status: Filter.exactOptional(),
  open: z.enum(["true", "false"]).exactOptional(),
});

const NoQuery = z.object({});

/** `GET …/inventory`, `…/tickets`, `…/autoships`, `…/periods`, `…/periods/{period}` */
export function recordRoutes(ports: RecordPorts): readonly Route[] {
  const read = { method: "GET", permission: "record:read" } as const;
  const path = "/v1/tenants/:tenant";
  return [
    { ...read, path: `${path}/inventory`, handle: (c) => listInventory(ports, c) },
    { ...read, path: `${path}/tickets`, handle: (c) => listTickets(ports, c) },
    { ...read, path: `${path}/autoships`, handle: (c) => listAutoships(ports, c) },
    { ...read, path: `${path}/periods`, handle: (c) => listPeriods(ports, c) },
    { ...read, path: `${path}/periods/:period`, handle: (c) => getPeriod(ports, c) },
  ];
}

async function listInventory(ports: RecordPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, InventoryQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const { sku, location, below } = query.value;
  const search = {
    kind: "inventory",
    ...(sku === undefined ? {} : { ids: stockIdsOf(sku) }),
    ...(location === undefined ? {} : { location }),
    ...(below === undefined ? {} : { below: Number(below) }),
  } as const;
  return list(ports, c, { search, show: showStock });
}

async function listTickets(ports: RecordPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, TicketsQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const { distributor_id: distributorId, status, open } = query.value;
  const search = {
    kind: "ticket",
    ...(distributorId === undefined ? {} : { distributorId }),
    ...(status === undefined ? {} : { status }),
    ...(open === undefined ? {} : { open: open === "true" }),
  } as const;
  return list(ports, c, { search, show: showTicket });
}

async function listAutoships(ports: RecordPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, NoQuery, { isList: true });
  if (!query.ok) return query.refusal;
  return list(ports, c, { search: { kind: "autoship" }, show: showAutoship });
}

async function listPeriods(ports: RecordPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, NoQuery, { isList: true });
  if (!query.ok) return query.refusal;
  return list(ports, c, { search: { kind: "period" }, show: showPeriod });
}

interface Asked {
  readonly search: RecordSearch;
  readonly show: (value: JsonObject) => object;
}

async function list({ records }: RecordPorts, c: ApiContext, asked: Asked): Promise<Response> {
  const page = readPage(c, z.string(), asked.search);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await records.search(reader.value, asked.search, part);
  const { rows, searchedTo } = read.value;
  const show = (row: RecordRow) => ({ ...asked.show(valueOf(row)), ...placeOf(row) });
  const { items, next_cursor: next } = pageOf(rows, page.value, { show, at: ({ id }) => id });
  const onward = searchedTo === undefined ? null : cursorAt(page.value, searchedTo);
  return answerRead({ items, next_cursor: next ?? onward }, read);
}

async function getPeriod({ records }: RecordPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, NoQuery);
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const read = await records.one(reader.value, "period", param(c, "period"));
  if (read.value === undefined) return problem("not_found");
  return answerRead({ ...showPeriod(valueOf(read.value)), ...placeOf(read.value) }, read);
}

// Our own text: what the object logged.
const valueOf = ({ value }: RecordRow): JsonObject => JSON.parse(value);

const placeOf = ({ epoch, rev, occurredMs, recordedMs }: RecordRow) => ({
  epoch,
  rev,
  occurred_at: formatInstant(occurredMs),
  recorded_at: formatInstant(recordedMs),
});

const showStock = (stock: JsonObject) => {
  const { sku, location = null, on_hand, low_stock_at = null } = stock;
  return { sku, location, on_hand, low_stock_at, low: isLow(stock) };
};

const showTicket = (ticket: JsonObject) => {
  const { system, object_id, distributor_id = null, status, subject_kind, open } = ticket;
  const { opened_ms, first_response_ms } = ticket;
  return {
    system,
    object_id,
    distributor_id,
    status,
    subject_kind,
    open,
    opened_at: typeof opened_ms === "number" ? formatInstant(opened_ms) : null,
    first_response_at:
      typeof first_response_ms === "number" ? formatInstant(first_response_ms) : null,
  };
};

const showAutoship = ({ autoship_id, next_run, status }: JsonObject) => ({
  autoship_id,
  next_run,
  status,
});

const showPeriod = ({ period_id, run_id, totals, lines, digest }: JsonObject) => ({
  period_id,
  run_id,
  totals,
  lines,
  digest,
});
