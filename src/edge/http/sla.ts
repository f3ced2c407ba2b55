import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Counts, Tally } from "../../core/sla/counts.ts";
import { slaReport } from "../../core/sla/report.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import type { Reader, Reading } from "../reading.ts";
import { tagOfRest } from "./etag.ts";
import { readQuery } from "./query.ts";
import { answerRead, invalidParameter, readerOf } from "./reader.ts";
import { RangeInstant } from "./report-times.ts";
import type { ApiContext, Route } from "./route.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What the objectives are for. */
const DEFAULT_DAYS = 30;
/** What is older is forgotten. */
const KEPT_DAYS = 31;

const TOO_OLD = `Must be at most ${KEPT_DAYS} days ago: what is older is not kept`;

interface Range {
  readonly fromMs: number;
  /** Not in it. */
  readonly toMs: number;
}

export interface SlaReadPorts {
  readonly sla: (
    reader: Reader,
    range: Range & { readonly nowMs: number },
  ) => Promise<Reading<{ readonly counts: Counts; readonly windows: ReadonlyMap<number, Tally> }>>;
  readonly nowMs: () => number;
}

export const SlaQuery = z.object({
  from: RangeInstant.describe(
    `Beginning of the range, taken back to the full hour: RFC 3339 date-time, or a date, which means its midnight in UTC; at most ${KEPT_DAYS} days ago; absent: ${DEFAULT_DAYS} days before \`to\``,
  ).exactOptional(),
  to: RangeInstant.describe(
    "End of the range, not in it, put off to the full hour: RFC 3339 date-time, or a date; absent: now",
  ).exactOptional(),
});

/** `GET …/sla?from=&to=` */
export const slaRoutes = (ports: SlaReadPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/sla",
    permission: "pipeline:read",
    handle: (c) => getSla(ports, c),
  },
];

async function getSla({ sla, nowMs }: SlaReadPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, SlaQuery);
  if (!query.ok) return query.refusal;
  const now = nowMs();
  const range = rangeOf(query.value, now);
  if (!range.ok) return range.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const { fromMs, toMs } = range.value;
  const read = await sla(reader.value, { fromMs, toMs, nowMs: now });
  const { counts, windows } = read.value;
  const asked = { from: formatInstant(fromMs), to: formatInstant(toMs) };
  const rest = { ...asked, ...slaReport(counts, windows) };
  const response = answerRead({ as_of: formatInstant(now), ...rest }, read);
  response.headers.set("ETag", tagOfRest(rest).ETag);
  return response;
}

/** Whole hours: of what is past, no less is kept. */
function rangeOf(
  { from, to: asked }: z.infer<typeof SlaQuery>,
  nowMs: number,
): Result<Range, Response> {
  const to = asked ?? nowMs;
  if (to > nowMs + DAY_MS) return bad("to", "Must be at most a day ahead");
  const oldestMs = startOf(nowMs - KEPT_DAYS * DAY_MS);
  const fromMs = startOf(from ?? Math.max(to - DEFAULT_DAYS * DAY_MS, oldestMs));
  if (fromMs < oldestMs) {
    return bad("from", TOO_OLD);
  }
  if (to <= (from ?? fromMs)) {
    return bad("to", from === undefined ? TOO_OLD : "Must be after from");
  }
  // Of an hour that has just begun, what there is by now.
  return ok({ fromMs, toMs: startOf(asked === undefined ? nowMs : to - 1) + HOUR_MS });
}

const bad = (path: string, message: string) => refuse(invalidParameter(path, "range", message));

const startOf = (ms: number): number => ms - (ms % HOUR_MS);
