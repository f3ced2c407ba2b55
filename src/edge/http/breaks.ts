import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { BreakRow, Part, Reader, Reading } from "../reading.ts";
import { pageOf, readPage } from "./cursor.ts";
import { readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import type { ApiContext, Route } from "./route.ts";

export interface BreakPorts {
  readonly breaks: {
    /** By id. */
    list(reader: Reader, part: Part<string>): Promise<Reading<readonly BreakRow[]>>;
  };
}

/** `GET …/breaks` */
export function breakRoutes({ breaks }: BreakPorts): readonly Route[] {
  async function list(c: ApiContext): Promise<Response> {
    const query = readQuery(c, z.object({}), { isList: true });
    if (!query.ok) return query.refusal;
    const page = readPage(c, z.string(), query.value);
    if (!page.ok) return page.refusal;
    const reader = readerOf(c);
    if (!reader.ok) return reader.refusal;
    const part = { ...page.value, limit: page.value.limit + 1 };
    const read = await breaks.list(reader.value, part);
    return answerRead(pageOf(read.value, page.value, { show, at: ({ breakId }) => breakId }), read);
  }
  return [
    { method: "GET", path: "/v1/tenants/:tenant/breaks", permission: "break:read", handle: list },
  ];
}

const show = (row: BreakRow) => ({
  id: row.breakId,
  class: row.class,
  subject: row.subject,
  reference: row.reference,
  detail: row.detail,
  found_at: formatInstant(row.foundMs),
  resolved_at: row.resolvedMs === null ? null : formatInstant(row.resolvedMs),
});
