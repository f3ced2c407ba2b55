import { waitUntil } from "cloudflare:workers";
import { createHash } from "node:crypto";
import type { Carry } from "../core/runs/close-run.ts";
import type { Cut } from "../core/runs/cuts.ts";
import type { OpenPeriod } from "../core/runs/run.ts";
import { recordDeed } from "../edge/control/trail.ts";
import type { ComparePorts } from "../edge/cron/close.ts";
import { type DuePorts, type DueState, VOID_AFTER_MS } from "../edge/cron/due.ts";
import { takeFirstSteps } from "../edge/cron/runs.ts";
import type { OpenRun, RunList, RunsPorts } from "../edge/cron/runs/ports.ts";
import { closedPeriods } from "../edge/d1/closed-periods.ts";
import { rebuildingTenants } from "../edge/d1/rebuild/runs.ts";
import { loadJob, saveJob } from "../edge/d1/positions.ts";
import { readPlans } from "../edge/d1/reads/plans.ts";
import { loadList, saveList } from "../edge/d1/runs/chunks.ts";
import {
  closesToCompare,
  putCloseBreaks,
  saveCompared,
  suspenseOf,
} from "../edge/d1/runs/closes.ts";
import { dueLines, pendingOfClosed, tenantsIn } from "../edge/d1/runs/due.ts";
import { followedLines } from "../edge/d1/runs/followed.ts";
import { lineAmounts, periodLines } from "../edge/d1/runs/lines.ts";
import { firstSold } from "../edge/d1/runs/sold.ts";
import { madeEventId } from "../edge/d1/runs/made-id.ts";
import { readBought, readPeople, readPeriodCv } from "../edge/d1/runs/people.ts";
import { payablesAfter, proposalStore } from "../edge/d1/runs/proposals.ts";
import { plansSince, runLeases, runStore } from "../edge/d1/runs/store.ts";
import { log } from "../edge/log.ts";
import type { Message } from "../edge/message.ts";
import type { Shard } from "../edge/shards.ts";
import type { Parts } from "./parts.ts";

/** Cloudflare: a hundred messages and 256 KB a call. Runs make theirs small. */
const SENT_AT_ONCE = 20;

const sha256 = (data: string | Uint8Array): Uint8Array =>
  createHash("sha256").update(data).digest();

/** Sends what a run makes, some at a time. */
const sendAllTo =
  ({ events }: Shard) =>
  async (messages: readonly Message[]): Promise<void> => {
    for (let i = 0; i < messages.length; i += SENT_AT_ONCE) {
      await events.sendBatch(messages.slice(i, i + SENT_AT_ONCE).map((body) => ({ body })));
    }
  };

/** Lists that a run leaves for later ones, in the control tables. */
function listOf<Item extends object>({ control, nowMs }: Parts, kind: string): RunList<Item> {
  const name = (tenant: string, runId: string) => `${kind}:${tenant}:${runId}`;
  return {
    save: (tenant, runId, items) =>
      saveList(control, name(tenant, runId), { items, nowMs: nowMs() }),
    load: (tenant, runId) => loadList<Item>(control, name(tenant, runId)),
  };
}

/** What a shard's mirror knows of periods. */
export const periodsOf = (mirror: D1Database) => ({
  closed: async (tenant: string): Promise<readonly string[]> =>
    (await closedPeriods(mirror, [tenant])).get(tenant) ?? [],
  firstSold: (tenant: string, periods: readonly OpenPeriod[]) => firstSold(mirror, tenant, periods),
});

/** What the runs of a shard's tenants need. */
export function runsPorts(parts: Parts, shard: Shard): RunsPorts {
  const { control, nowMs } = parts;
  const { mirror } = shard;
  const runs = runStore(control);
  const leases = runLeases(control);
  return {
    tenants: () => tenantsIn(control, { shard: shard.index, mode: "gateway_final" }),
    plansOf: (tenants) => readPlans(control, tenants, log),
    plansSince: (tenants) => plansSince(control, tenants),
    states: (tenant) => runs.states(tenant),
    running: (tenants) => leases.running(tenants),
    run: (tenant, runId) => runs.get(tenant, runId),
    start: async (tenant, name, atMs) => (await runs.start(tenant, name, atMs)).value,
    // By half a mirror nobody is ranked or paid.
    claim: async (run, lease) =>
      !(await rebuildingTenants(mirror)).has(run.tenant) && leases.claim(run, lease),
    save: (run, step) => leases.save(run, step),
    record: (deed, act) => recordDeed(control, deed, act),
    ...periodsOf(mirror),
    isClosed: async (tenant, periodId) =>
      (await periodsOf(mirror).closed(tenant)).includes(periodId),
    people: (asked) => readPeople(mirror, asked),
    bought: (asked) => readBought(mirror, asked),
    periodCv: (asked) => readPeriodCv(mirror, asked),
    lines: (asked, cursor) => periodLines(mirror, asked, cursor),
    lineAmounts: (tenant, named) => lineAmounts(mirror, tenant, named),
    followed: (tenant, orderIds) => followedLines(mirror, tenant, orderIds),
    carry: listOf<Carry>(parts, "carry"),
    cuts: listOf<Cut>(parts, "cuts"),
    payables: (asked, part) => payablesAfter(mirror, asked, part),
    putProposals: (run, page) => proposalStore(control).put(run, page),
    sendAll: sendAllTo(shard),
    eventIdOf: madeEventId,
    sha256,
    nowMs,
    log,
  };
}

/** Takes a run its first steps behind the answer to whoever asked for it. */
export function takeUp(parts: Parts, shard: Shard, run: OpenRun): void {
  const steps = takeFirstSteps(run, runsPorts(parts, shard)).catch((error: unknown) => {
    log("warn", "run_not_taken_up", { tenant: run.tenant, run_id: run.runId, error });
  });
  waitUntil(steps);
}

/** What the comparison of closed periods with their cores needs. */
export function comparePorts({ control, nowMs }: Parts, shard: Shard): ComparePorts {
  const { mirror } = shard;
  return {
    tenants: (mode) => tenantsIn(control, { shard: shard.index, mode }),
    closes: async (tenants, recordedByMs, limit) => {
      const rebuilding = await rebuildingTenants(mirror);
      const others = tenants.filter((tenant) => !rebuilding.has(tenant));
      return closesToCompare(mirror, others, { recordedByMs, limit });
    },
    lines: (asked, cursor) => periodLines(mirror, asked, cursor),
    suspense: (tenant) => suspenseOf(mirror, tenant),
    putBreaks: (close, breaks, atMs) => putCloseBreaks(mirror, close, { breaks, nowMs: atMs }),
    save: (close, state) => saveCompared(mirror, close, { state, nowMs: nowMs() }),
    sha256,
    nowMs,
    log,
  };
}

const duePorts = (
  { nowMs }: Parts,
  shard: Shard,
  { job, page }: { readonly job: string; readonly page: DuePorts["page"] },
): DuePorts => ({
  page,
  sendAll: sendAllTo(shard),
  load: () => loadJob<DueState>(shard.mirror, job),
  save: (state) => saveJob(shard.mirror, job, { state, nowMs: nowMs() }),
  log,
  nowMs,
});

/** Lines whose holdback is over, or whose reversal is overdue. */
export const releasePorts = (parts: Parts, shard: Shard): DuePorts =>
  duePorts(parts, shard, {
    job: `lines_due:${shard.index}`,
    page: (cursor, atMs, limit) => dueLines(shard.mirror, cursor, { nowMs: atMs, limit }),
  });

/** Lines that no core confirmed until long after their period was closed. */
export const voidPorts = (parts: Parts, shard: Shard): DuePorts =>
  duePorts(parts, shard, {
    job: `lines_void:${shard.index}`,
    page: async (cursor, atMs, limit) => {
      const tenants = await tenantsIn(parts.control, { shard: shard.index, mode: "mirror" });
      const closedByMs = atMs - VOID_AFTER_MS;
      return pendingOfClosed(shard.mirror, tenants, { closedByMs, cursor, limit });
    },
  });
