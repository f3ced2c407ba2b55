import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { invalidAt } from "./body.ts";
import { Reason } from "./reason.ts";
import { RangeInstant } from "./report-times.ts";

/** What a person can have compared. */
const STARTED_KINDS = ["window", "lines", "balances"] as const;

/** How far a window goes back where nobody says. */
const WINDOW_MS = 72 * 3_600_000;
/** 0000-01-01: RFC 3339 writes nothing before it. */
const FIRST_MS = -62_167_219_200_000;

export interface StartAsked {
  readonly kind: (typeof STARTED_KINDS)[number];
  readonly fromMs?: number;
  readonly toMs?: number;
  /** The core is in this epoch now, whatever it told before. */
  readonly acceptEpoch?: number;
  /** Who asked for it. */
  readonly cause: string;
}

export const StartBody = z.strictObject({
  kind: z
    .enum(STARTED_KINDS)
    .describe(
      "window: lines that took effect lately; lines: all of them, or those of a range; balances: what every distributor has as of now",
    ),
  from: RangeInstant.describe(
    "RFC 3339 date-time, or a date, which means its midnight in UTC: by when lines took effect. Absent: 72 hours before to, and of lines 0001-01-01. Only differences of the range are healed, whatever is compared to find them. Not with balances",
  ).exactOptional(),
  to: RangeInstant.describe(
    "The end, which is not in it, written as from is. Later than now: now. Absent: now, and of lines those of later months, too, up to November 9999",
  ).exactOptional(),
  accept_epoch: z
    .int()
    .min(0)
    .describe(
      "The core's epoch from now on, where its answers are refused (`epoch_fell`, `epoch_jumped`, `seq_fell`): it is believed there, and all of it compared. Needs a reason",
    )
    .exactOptional(),
  reason: Reason.describe(
    "Why the epoch is accepted, for the audit trail. Only with accept_epoch",
  ).exactOptional(),
});

type StartBody = z.infer<typeof StartBody>;

/** What is wrong with a range or an epoch beyond its form. */
export const refuseStart = (body: StartBody, nowMs: number): Response | undefined =>
  refuseRange(body, nowMs) ?? refuseEpoch(body);

function refuseRange({ kind, from, to }: StartBody, nowMs: number): Response | undefined {
  if (kind === "balances" && (from ?? to) !== undefined) {
    const message = "Must be absent: balances are compared as they are now";
    return invalidAt(from === undefined ? "to" : "from", "not_allowed", message);
  }
  if (from === undefined) return undefined;
  if (to !== undefined && to <= from) return invalidAt("to", "range", "Must be after from");
  return from < nowMs ? undefined : invalidAt("from", "range", "Must be in the past");
}

function refuseEpoch({ accept_epoch: epoch, reason }: StartBody): Response | undefined {
  if (epoch === undefined && reason !== undefined) {
    const message = "Must be absent: it is why an epoch is accepted, and accept_epoch is not there";
    return invalidAt("reason", "not_allowed", message);
  }
  if (epoch === undefined || reason !== undefined) return undefined;
  return invalidAt("reason", "required", "Is required with accept_epoch");
}

interface Range {
  readonly fromMs?: number;
  readonly toMs?: number;
}

function rangeOf({ kind, from, to }: StartBody, nowMs: number): Range {
  // What has yet to take effect is looked at by no run.
  const toMs = Math.min(to ?? nowMs, nowMs);
  if (kind === "window") return { fromMs: from ?? Math.max(toMs - WINDOW_MS, FIRST_MS), toMs };
  return { ...(from === undefined ? {} : { fromMs: from }), ...(to === undefined ? {} : { toMs }) };
}

const shownRange = ({ fromMs, toMs }: Range) => ({
  ...(fromMs === undefined ? {} : { from: formatInstant(fromMs) }),
  ...(toMs === undefined ? {} : { to: formatInstant(toMs) }),
});

/** A run as it is to be started, and what of it the audit trail keeps. */
export function startOf(
  body: StartBody,
  nowMs: number,
): { readonly asked: Omit<StartAsked, "cause">; readonly detail: object } {
  const { kind, accept_epoch, reason } = body;
  const range = rangeOf(body, nowMs);
  if (accept_epoch === undefined) return { asked: { kind, ...range }, detail: shownRange(range) };
  return {
    asked: { kind, ...range, acceptEpoch: accept_epoch },
    detail: { ...shownRange(range), accept_epoch, reason },
  };
}
