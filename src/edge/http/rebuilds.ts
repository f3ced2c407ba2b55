import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Tenant } from "../control/directory.ts";
import type { Marked, Part, Reader, Reading } from "../reading.ts";
import {
  NO_REBUILD_REPORT,
  type RebuildAsked,
  type RebuildCursor,
  type RebuildReport,
  type RebuildRow,
} from "../rebuild.ts";
import { invalidAt, readJson } from "./body.ts";
import { answerMirrorList, answerMirrorOne } from "./listing.ts";
import { problem } from "./problem.ts";
import { mirrorBookmark } from "./reader.ts";
import { Reason } from "./reason.ts";
import { RangeInstant } from "./report-times.ts";
import { actOf, type ApiContext, param, type RecordDeed, type Route } from "./route.ts";

export interface RebuildHttpPorts {
  readonly rebuilds: {
    /** Newest first. */
    list(reader: Reader, part: Part<string>): Promise<Reading<readonly RebuildRow[]>>;
    one(reader: Reader, runId: string): Promise<Reading<RebuildRow | undefined>>;
    /** `running`: none is started while another one of the tenant's is on its way. */
    start(
      tenant: Tenant,
      asked: { readonly cause: string; readonly asked: RebuildAsked },
    ): Promise<{ readonly kind: "started" | "running"; readonly run: RebuildRow } & Marked>;
  };
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

const THAWED_MAX = 100;
const SUBJECT_CHARS_MAX = 300;

export const RebuildBody = z.strictObject({
  reason: Reason,
  thaw: z
    .array(
      z
        .string()
        .max(SUBJECT_CHARS_MAX)
        .regex(/^[a-z]+:.+$/, "Must be a subject, such as dist:1001"),
    )
    .max(THAWED_MAX)
    .describe(
      "Frozen subjects whose objects are right as they are: what the mirror has of them is given up, and mirrored anew. Others stay frozen",
    )
    .exactOptional(),
  archive_from: RangeInstant.describe(
    "Names of subjects are read from the deliveries that were archived since then. Absent: since the newest roster; all of them where there is none",
  ).exactOptional(),
  reprice_from: RangeInstant.describe(
    "What was paid since then is priced anew at the end, by the trees and ranks that are mirrored by then: from when on the mirror was wrong. Absent: nothing",
  ).exactOptional(),
});

/** `GET POST …/rebuilds`, `GET …/rebuilds/{id}` */
export function rebuildRoutes(ports: RebuildHttpPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/rebuilds";
  const read = { method: "GET", permission: "run:read" } as const;
  return [
    { method: "POST", permission: "tenant:write", path, handle: (c) => start(ports, c) },
    { ...read, path, handle: (c) => list(ports, c) },
    { ...read, path: `${path}/:rebuild`, handle: (c) => getOne(ports, c) },
  ];
}

async function start(ports: RebuildHttpPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, RebuildBody);
  if (!body.ok) return body.refusal;
  const { reason, thaw = [], archive_from, reprice_from } = body.value;
  const nowMs = ports.nowMs();
  for (const [name, ms] of Object.entries({ archive_from, reprice_from })) {
    if (ms !== undefined && ms > nowMs) return invalidAt(name, "range", "Must be in the past");
  }
  const asked: RebuildAsked = {
    reason,
    thaw,
    ...(archive_from === undefined ? {} : { archiveFromMs: archive_from }),
    ...(reprice_from === undefined ? {} : { repriceFromMs: reprice_from }),
  };
  const tenant = c.get("tenant");
  const act = actOf(c, nowMs);
  const deed = { action: "rebuild.start", target: `tenant:${tenant.tenant}`, detail: body.value };
  await ports.record({ tenant: tenant.tenant, ...deed }, act);
  const started = await ports.rebuilds.start(tenant, { cause: act.actor, asked });
  if (started.kind === "running") {
    const { runId, startedMs } = started.run;
    return problem("conflict", {
      detail: `Rebuild "${runId}", started at ${formatInstant(startedMs)}, is on its way: a tenant has one at a time`,
    });
  }
  const headers = mirrorBookmark(started);
  return Response.json(show(started.run), { status: 202, headers });
}

const list = ({ rebuilds }: RebuildHttpPorts, c: ApiContext): Promise<Response> =>
  answerMirrorList(c, {
    query: z.object({}),
    place: z.string(),
    at: ({ runId }: RebuildRow) => runId,
    read: async (reader, _query, part) => {
      const { value: rows, ...mark } = await rebuilds.list(reader, part);
      return { value: { rows }, ...mark };
    },
    show,
  });

const getOne = ({ rebuilds }: RebuildHttpPorts, c: ApiContext): Promise<Response> =>
  answerMirrorOne(c, (reader) => rebuilds.one(reader, param(c, "rebuild")), show);

const instant = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined ? null : formatInstant(ms);

/** A rebuild as answers show it. */
function show(row: RebuildRow) {
  // Own texts: what the job wrote.
  const { asked, phase }: RebuildCursor = JSON.parse(row.cursor);
  const kept: Partial<RebuildReport> = JSON.parse(row.report);
  const { error = null, ...report } = { ...NO_REBUILD_REPORT, ...kept };
  return {
    rebuild_id: row.runId,
    state: row.state,
    phase: row.state === "done" ? "done" : phase,
    reason: asked.reason,
    cause: row.cause,
    started_at: formatInstant(row.startedMs),
    ended_at: instant(row.endedMs),
    seconds: row.endedMs === null ? null : Math.ceil((row.endedMs - row.startedMs) / 1000),
    thaw: asked.thaw,
    archive_from: instant(asked.archiveFromMs),
    reprice_from: instant(asked.repriceFromMs),
    report,
    error,
  };
}
