import * as z from "zod";
import type { BreakRow, BreakSearch, BreaksFound, Part, Reader, Reading } from "../reading.ts";
import { showBreak } from "./break-shown.ts";
import { answerMirrorList } from "./listing.ts";
import { problem } from "./problem.ts";
import { Filter, readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import { type ResolvePorts, resolveBreak } from "./resolve-break.ts";
import { type ApiContext, param, type Route } from "./route.ts";

export interface BreakPorts extends ResolvePorts {
  readonly breaks: ResolvePorts["breaks"] & {
    /** By id. */
    list(reader: Reader, search: BreakSearch, part: Part<string>): Promise<Reading<BreaksFound>>;
    one(reader: Reader, breakId: string): Promise<Reading<BreakRow | undefined>>;
  };
}

export const BreaksQuery = z.object({
  state: z
    .enum(["open", "closed", "all"])
    .describe("Whether something is still to be done; absent: all")
    .exactOptional(),
  class: Filter.exactOptional(),
  distributor_id: Filter.exactOptional(),
  run_id: Filter.describe("The reconciliation that found it first").exactOptional(),
});

/** `GET …/breaks`, `GET …/breaks/{id}`, `POST …/breaks/{id}/resolve` */
export function breakRoutes(ports: BreakPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/breaks";
  const read = { method: "GET", permission: "break:read" } as const;
  return [
    { ...read, path, handle: (c) => listBreaks(ports, c) },
    { ...read, path: `${path}/:break`, handle: (c) => getBreak(ports, c) },
    {
      method: "POST",
      path: `${path}/:break/resolve`,
      permission: "break:write",
      handle: (c) => resolveBreak(ports, c),
    },
  ];
}

function listBreaks({ breaks, nowMs }: BreakPorts, c: ApiContext): Promise<Response> {
  const atMs = nowMs();
  return answerMirrorList(c, {
    query: BreaksQuery,
    place: z.string(),
    at: ({ breakId }: BreakRow) => breakId,
    read: (reader, query, part) => breaks.list(reader, searchOf(query), part),
    show: (row) => showBreak(row, atMs),
  });
}

function searchOf(query: z.infer<typeof BreaksQuery>): BreakSearch {
  const { state = "all", class: kind, distributor_id: distributorId, run_id: runId } = query;
  return {
    ...(state === "all" ? {} : { state }),
    ...(kind === undefined ? {} : { class: kind }),
    ...(distributorId === undefined ? {} : { distributorId }),
    ...(runId === undefined ? {} : { runId }),
  };
}

async function getBreak({ breaks, nowMs }: BreakPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const read = await breaks.one(reader.value, param(c, "break"));
  return read.value === undefined
    ? problem("not_found")
    : answerRead(showBreak(read.value, nowMs()), read);
}
