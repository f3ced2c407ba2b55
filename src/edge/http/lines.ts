import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { LineFilter, LinePlace, LineRow, Part, Reader, Reading } from "../reading.ts";
import { pageOf, readPage } from "./cursor.ts";
import { Filter, readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

export interface LinePorts {
  readonly lines: {
    /** By line id. */
    ofDistributor(
      reader: Reader,
      filter: LineFilter & { readonly distributorId: string },
      part: Part<string>,
    ): Promise<Reading<readonly LineRow[]>>;
    /** By distributor and line id. */
    ofOrder(
      reader: Reader,
      orderId: string,
      part: Part<LinePlace>,
    ): Promise<Reading<readonly LineRow[]>>;
  };
}

export const LinesQuery = z.object({
  state: z.enum(["pending", "held", "available", "superseded", "void"]).exactOptional(),
  period_id: Filter.exactOptional(),
  order_id: Filter.exactOptional(),
});

export const OrderLinesQuery = z.object({ order_id: Filter });

const Place = z.object({ distributorId: z.string(), lineId: z.string() });

/** `GET …/distributors/{id}/lines` and `GET …/lines?order_id=` */
export const lineRoutes = (ports: LinePorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor/lines",
    permission: "line:read",
    handle: (c) => listOfDistributor(ports, c),
  },
  {
    method: "GET",
    path: "/v1/tenants/:tenant/lines",
    permission: "line:read",
    handle: (c) => listOfOrder(ports, c),
  },
];

async function listOfDistributor({ lines }: LinePorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, LinesQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, z.string(), query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const { state, period_id: periodId, order_id: orderId } = query.value;
  const filter = {
    distributorId: param(c, "distributor"),
    ...(state === undefined ? {} : { state }),
    ...(periodId === undefined ? {} : { periodId }),
    ...(orderId === undefined ? {} : { orderId }),
  };
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await lines.ofDistributor(reader.value, filter, part);
  return answerRead(pageOf(read.value, page.value, { show, at: ({ lineId }) => lineId }), read);
}

async function listOfOrder({ lines }: LinePorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, OrderLinesQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, Place, query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await lines.ofOrder(reader.value, query.value.order_id, part);
  return answerRead(pageOf(read.value, page.value, { show, at: placeOf }), read);
}

const placeOf = ({ distributorId, lineId }: LineRow): LinePlace => ({ distributorId, lineId });

const show = (row: LineRow) => ({
  line_id: row.lineId,
  distributor_id: row.distributorId,
  order_id: row.orderId,
  component: row.component,
  level: row.level,
  depth: row.depth,
  rate_ppm: row.ratePpm,
  amount_minor: row.amountMinor,
  reversed_minor: row.reversedMinor,
  currency: row.currency,
  state: row.state,
  period_id: row.periodId,
  effective_at: formatInstant(row.effectiveMs),
});
