import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { NO_REPLAY_REPORT, type ReplayReport } from "../../core/operation/replay-report.ts";
import { REPLAY_SKIPS, type ReplaySkip } from "../../core/operation/replay.ts";
import type { Tenant } from "../control/directory.ts";
import { DAY_MS } from "../event-count.ts";
import type { Marked, Part, Reader, Reading } from "../reading.ts";
import type { ReplayAsked, ReplayCursor, ReplayRow } from "../replay.ts";
import { invalidAt, readJson } from "./body.ts";
import { answerMirrorList, answerMirrorOne } from "./listing.ts";
import { problem } from "./problem.ts";
import { mirrorBookmark } from "./reader.ts";
import { Reason } from "./reason.ts";
import { RangeInstant } from "./report-times.ts";
import { actOf, type ApiContext, IDENTIFIER, param, type RecordDeed, type Route } from "./route.ts";

export interface ReplayHttpPorts {
  readonly replays: {
    /** Newest first. */
    list(reader: Reader, part: Part<string>): Promise<Reading<readonly ReplayRow[]>>;
    one(reader: Reader, replayId: string): Promise<Reading<ReplayRow | undefined>>;
    /** `running`: none is started while another one of the tenant's is on its way. */
    start(
      tenant: Tenant,
      asked: { readonly actor: string; readonly asked: ReplayAsked },
    ): Promise<{ readonly kind: "started" | "running"; readonly replay: ReplayRow } & Marked>;
  };
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

/** A month, at a thousand events a minute, keeps a replay busy for days: beyond, it is cut up by hand. */
const SPAN_DAYS_MAX = 31;
const IDS_MAX = 100;
const SUBJECT_CHARS_MAX = 300;
/** How much ahead of ours a caller's clock may be: `to` is then now. */
const CLOCK_AHEAD_MS = 60_000;

const EVENT_ID = /^evt_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const ReplayBody = z.strictObject({
  from: RangeInstant.describe("Events that were received from then on"),
  to: RangeInstant.describe(
    `And before then; at most ${SPAN_DAYS_MAX} days later, and not in the future`,
  ),
  source: z
    .string()
    .regex(IDENTIFIER, "Must be a source's name")
    .describe("Of this source only; nothing is found of one that never was")
    .exactOptional(),
  subject: z
    .string()
    .max(SUBJECT_CHARS_MAX)
    .regex(/^[a-z][a-z_]*:[^\p{Cc}]+$/u, "Must be a subject, such as dist:1001")
    .describe("About this subject only, as the events' `key` has it: `dist:1001`, `order:O1`")
    .exactOptional(),
  ids: z
    .array(z.string().regex(EVENT_ID, "Must be an id of ours, evt_…, as the events' reads have it"))
    .min(1)
    .max(IDS_MAX)
    .describe("These events only, by our ids. What a person discarded comes back only by name")
    .exactOptional(),
  dry_run: z
    .boolean()
    .describe("True: nothing is sent, and the report tells what would be. Absent: false")
    .exactOptional(),
  reason: Reason.exactOptional(),
});

/** `GET POST …/replays`, `GET …/replays/{id}` */
export function replayRoutes(ports: ReplayHttpPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/replays";
  const read = { method: "GET", permission: "replay:read" } as const;
  return [
    { method: "POST", permission: "replay:write", path, handle: (c) => start(ports, c) },
    { ...read, path, handle: (c) => list(ports, c) },
    { ...read, path: `${path}/:replay`, handle: (c) => getOne(ports, c) },
  ];
}

async function start(ports: ReplayHttpPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, ReplayBody);
  if (!body.ok) return body.refusal;
  const nowMs = ports.nowMs();
  const refusal = refuseSpan(body.value, nowMs);
  if (refusal !== undefined) return refusal;
  const { from: fromMs, to, dry_run: isDry = false, ...filters } = body.value;
  const asked: ReplayAsked = { ...filters, fromMs, toMs: Math.min(to, nowMs), isDry };
  const tenant = c.get("tenant");
  const act = actOf(c, nowMs);
  const deed = { action: "replay.start", target: `tenant:${tenant.tenant}`, detail: body.value };
  await ports.record({ tenant: tenant.tenant, ...deed }, act);
  const started = await ports.replays.start(tenant, { actor: act.actor, asked });
  if (started.kind === "running") {
    const { replayId, startedMs } = started.replay;
    return problem("conflict", {
      detail: `Replay "${replayId}", started at ${formatInstant(startedMs)}, is on its way: a tenant has one at a time`,
    });
  }
  const headers = mirrorBookmark(started);
  return Response.json(show(started.replay), { status: 202, headers });
}

function refuseSpan(
  { from, to }: Pick<z.infer<typeof ReplayBody>, "from" | "to">,
  nowMs: number,
): Response | undefined {
  if (to > nowMs + CLOCK_AHEAD_MS) return invalidAt("to", "range", "Must not be in the future");
  if (from >= Math.min(to, nowMs)) return invalidAt("from", "range", "Must be before `to`");
  if (to - from <= SPAN_DAYS_MAX * DAY_MS) return undefined;
  return invalidAt("to", "range", `Must be at most ${SPAN_DAYS_MAX} days after \`from\``);
}

const list = ({ replays }: ReplayHttpPorts, c: ApiContext): Promise<Response> =>
  answerMirrorList(c, {
    query: z.object({}),
    place: z.string(),
    at: ({ replayId }: ReplayRow) => replayId,
    read: async (reader, _query, part) => {
      const { value: rows, ...mark } = await replays.list(reader, part);
      return { value: { rows }, ...mark };
    },
    show,
  });

const getOne = ({ replays }: ReplayHttpPorts, c: ApiContext): Promise<Response> =>
  answerMirrorOne(c, (reader) => replays.one(reader, param(c, "replay")), show);

const instant = (ms: number | null): string | null => (ms === null ? null : formatInstant(ms));

/** A replay as answers show it. */
function show(row: ReplayRow) {
  // Own texts: what the request and the job wrote.
  const asked: ReplayAsked = JSON.parse(row.asked);
  const { phase }: ReplayCursor = JSON.parse(row.cursor);
  const report: ReplayReport = { ...NO_REPLAY_REPORT, ...JSON.parse(row.report) };
  return {
    replay_id: row.replayId,
    state: row.state,
    phase: row.state === "done" ? "done" : phase,
    dry_run: asked.isDry,
    from: formatInstant(asked.fromMs),
    to: formatInstant(asked.toMs),
    source: asked.source ?? null,
    subject: asked.subject ?? null,
    ids: asked.ids ?? null,
    reason: asked.reason ?? null,
    cause: row.actor,
    started_at: formatInstant(row.startedMs),
    ended_at: instant(row.endedMs),
    report: showReport(report),
    error: report.error ?? null,
  };
}

const showReport = ({ counted_ms, skipped, error: _error, ...report }: ReplayReport) => ({
  ...report,
  counted_at: instant(counted_ms),
  skipped: Object.entries(skipped).map(([reason, some]) => ({
    reason,
    detail: isSkip(reason) ? REPLAY_SKIPS[reason] : "",
    ...some,
  })),
});

const isSkip = (reason: string): reason is ReplaySkip => Object.hasOwn(REPLAY_SKIPS, reason);
