import * as z from "zod";
import type { GatewayEvent } from "../../core/contracts/event.ts";
import {
  type ActRefusal,
  BREAK_ACTS,
  breakState,
  type Decidable,
  decisionEvents,
  judgeAct,
  RESOLUTIONS,
  suspendedKey,
  suspendedMinor,
} from "../../core/reconciliation/resolve.ts";
import type { Fact } from "../../core/subject/state.ts";
import type { Tenant } from "../control/directory.ts";
import type { BreakEnd, BreakFound, BreakName, BreakRow, Reading, Unfrozen } from "../reading.ts";
import { type ChainPorts, judgeChain } from "./chain-check.ts";
import { invalidAt, readJson } from "./body.ts";
import { type KeptResolution, keptResolution, mirrorSide, showBreak } from "./break-shown.ts";
import { problem } from "./problem.ts";
import { mirrorBookmark } from "./reader.ts";
import { Reason } from "./reason.ts";
import { actOf, type ApiContext, param, type RecordDeed } from "./route.ts";
import { changedMeanwhile } from "./tenants.ts";

export const ResolveBody = z.strictObject({
  action: z
    .enum(BREAK_ACTS)
    .describe(
      "resolve: it was put right, and a run that still finds it opens another; accept: it stays as it is, and runs pass over it; reopen: what a person ended is open again",
    ),
  decision: z
    .enum(RESOLUTIONS)
    .describe(
      "Of an EXTRA_LOCAL whose line was put aside, and of no other. keep: the line pays again, and the difference is accepted; reverse: it is taken back for good",
    )
    .exactOptional(),
  reason: Reason,
});
type Resolving = z.infer<typeof ResolveBody>;

export interface ResolvePorts extends ChainPorts {
  readonly breaks: {
    /** From the primary: it is decided upon as it stands. */
    toDecide(name: BreakName): Promise<BreakFound | undefined>;
    /** Undefined where it is not as it was any more: then nothing is written. */
    end(
      name: BreakName,
      seen: BreakEnd,
      end: BreakEnd & { readonly unfreezes?: Unfrozen },
    ): Promise<Reading<BreakRow> | undefined>;
  };
  /** What the distributor's own object keeps under this key. */
  readonly factOf: (
    tenant: Tenant,
    distributorId: string,
    key: string,
  ) => Promise<Fact | undefined>;
  /** Puts events that the gateway made on the queue of the tenant's shard. */
  readonly sendMade: (
    tenant: Tenant,
    made: {
      /** Stands where the delivery of others does. */
      readonly name: string;
      readonly atMs: number;
      readonly events: readonly GatewayEvent[];
    },
  ) => Promise<void>;
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

/** `POST …/breaks/{id}/resolve` */
export async function resolveBreak(ports: ResolvePorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, ResolveBody);
  if (!body.ok) return body.refusal;
  const { tenant, shard } = c.get("tenant");
  const name = { tenant, shard, breakId: param(c, "break") };
  const found = await ports.breaks.toDecide(name);
  if (found === undefined) return problem("not_found");
  const { action, decision = null, reason } = body.value;
  const chain = await judgeChain(ports, c, { action, found });
  if (chain.kind === "refused") return chain.response;
  const judging = await judgingOf(ports, c.get("tenant"), found);
  const judged = judgeAct({ ...judging, isFrozen: chain.kind === "frozen" }, { action, decision });
  if (!judged.ok) return REFUSALS[judged.refusal](body.value);

  const act = actOf(c, ports.nowMs());
  const target = `break:${name.breakId}`;
  const detail = { class: judging.class, decision, reason };
  await ports.record({ tenant, action: `break.${action}`, target, detail }, act);
  const { suspended_minor, pending } = judging;
  const asked = { action, decision, suspended_minor, reason, by: act.actor, at_ms: act.nowMs };
  const { saved } = act;
  const ending = { name, row: found.row, kept: pending ?? asked, outcome: judged.value, saved };
  const frees = chain.kind === "holds" ? { unfreezes: chain.unfreezes } : {};
  const done = await carryOut(ports, c.get("tenant"), { ...ending, ...frees });
  if (done === undefined) return changedMeanwhile();
  return Response.json(showBreak(done.value, act.nowMs), { headers: mirrorBookmark(done) });
}

interface Judging extends Omit<Decidable, "isFrozen"> {
  /** What lies in suspense of its line, minor units. */
  readonly suspended_minor: number;
  /** A decision that is on its way: made again as it was, by whoever decided. */
  readonly pending: KeptResolution | null;
}

async function judgingOf(ports: ResolvePorts, tenant: Tenant, found: BreakFound): Promise<Judging> {
  const { row } = found;
  const kept = keptResolution(row);
  const decided = kept?.decision ?? null;
  const state = breakState({ resolved_ms: row.resolvedMs, outcome: row.outcome });
  const { suspense, minor } = await suspendedOf(ports, tenant, found);
  return {
    class: row.class,
    state,
    decided,
    suspense,
    suspended_minor: minor,
    pending: state === "open" && decided !== null ? kept : null,
  };
}

/** Of what only a decision can end: whether the line lies in suspense, and how much of it. */
async function suspendedOf(
  { factOf }: ResolvePorts,
  tenant: Tenant,
  { row, isHealingDone }: BreakFound,
): Promise<{ readonly suspense: "none" | "coming" | "there"; readonly minor: number }> {
  const line = mirrorSide(row);
  const isPutAside = row.class === "EXTRA_LOCAL" && row.action === "suspend";
  if (!isPutAside || line === null) return { suspense: "none", minor: 0 };
  const fact = await factOf(tenant, line.distributor_id, suspendedKey(line.line_id));
  const minor = suspendedMinor(fact);
  if (minor > 0) return { suspense: "there", minor };
  return { suspense: isHealingDone ? "none" : "coming", minor };
}

interface Ending {
  readonly name: BreakName;
  readonly row: BreakRow;
  readonly kept: KeptResolution;
  readonly outcome: "resolved" | "accepted" | null;
  readonly unfreezes?: Unfrozen;
  /** Of the act. */
  readonly saved: (() => void) | undefined;
}

/**
 * Ends a break, or opens it again. A decision is kept before its events are sent, and the break is
 * closed after: whatever fails between, the same request goes on from there.
 */
async function carryOut(
  ports: ResolvePorts,
  tenant: Tenant,
  { name, row, kept, outcome, unfreezes, saved }: Ending,
): Promise<Reading<BreakRow> | undefined> {
  const { breaks } = ports;
  const resolution = JSON.stringify(kept);
  const resolvedMs = outcome === null ? null : kept.at_ms;
  const end = { resolvedMs, outcome, resolution };
  if (kept.decision === null) {
    return breaks.end(name, row, unfreezes === undefined ? end : { ...end, unfreezes });
  }
  const decided = { resolvedMs: row.resolvedMs, outcome: row.outcome, resolution };
  if ((await breaks.end(name, row, decided)) === undefined) return undefined;
  saved?.();
  await sendDecision(ports, tenant, row, kept);
  return breaks.end(name, decided, end);
}

async function sendDecision(
  { sendMade }: ResolvePorts,
  tenant: Tenant,
  row: BreakRow,
  { decision, suspended_minor, at_ms }: KeptResolution,
): Promise<void> {
  const line = mirrorSide(row);
  if (line === null || decision === null) return;
  const about = { break_id: row.breakId, opened_ms: row.foundMs, line, suspended_minor };
  const events = decisionEvents(about, decision, at_ms);
  await sendMade(tenant, { name: row.breakId, atMs: at_ms, events });
}

const conflict = (detail: string) => (): Response => problem("conflict", { detail });

const REFUSALS = {
  closed: conflict("It is closed already: only what a person closed can be reopened"),
  open: conflict("It is open: there is nothing to reopen"),
  not_by_person: conflict(
    "No person closed it: where the difference is there again, a run opens another break",
  ),
  decision_posted: conflict(
    "A decision on its line was posted, and stays: where the difference is there again, a run opens another break",
  ),
  decision_pending: conflict(
    "Another decision on its line is on its way: send that one again, and it is done",
  ),
  in_suspense: conflict(
    "Its line lies in suspense and pays nobody: resolve it with the decision keep or reverse",
  ),
  suspense_coming: conflict(
    "Its line is being put aside just now: try again when that has taken effect",
  ),
  frozen: conflict("Its object is frozen: resolve the break once its log holds again"),
  decision_missing: () =>
    invalidAt(
      "decision",
      "required",
      "Is required: the line lies in suspense. keep: it pays again; reverse: it is taken back for good",
    ),
  decision_misplaced: ({ action }: Resolving) =>
    invalidAt(
      "decision",
      "effect",
      action === "resolve"
        ? "Must be absent: only an EXTRA_LOCAL whose line lies in suspense is decided upon"
        : "Must be absent: only resolve takes it",
    ),
} satisfies Record<ActRefusal, (asked: Resolving) => Response>;
