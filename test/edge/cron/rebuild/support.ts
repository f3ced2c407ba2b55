import { env } from "cloudflare:workers";
import { rebuildPorts } from "#src/compose/rebuild.ts";
import { eventsPorts } from "#src/compose/queues.ts";
import { recomputePending } from "#src/edge/queue/recompute.ts";
import { shardAt } from "#src/edge/bindings.ts";
import type { RebuildPorts } from "#src/edge/cron/rebuild/ports.ts";
import { rebuildMirror } from "#src/edge/cron/rebuild/rebuild.ts";
import { startRebuild } from "#src/edge/d1/rebuild/runs.ts";
import { TENANT_TABLES, CONTROL_TABLES } from "#src/edge/d1/tenant-tables.ts";
import type { RebuildAsked, RebuildReport } from "#src/edge/rebuild.ts";
import type { Line } from "../../support/line.ts";

const db = env.MIRROR_0;

/** Runs, how fast lines once became visible, and what was sent out: nobody's mirror. */
const ASIDE = new Set([
  "reconciliation_runs",
  "differences",
  "repairs",
  "polls",
  "replays",
  "sla_minutes",
  "deliveries",
]);

/** Every table that mirrors objects, anchors among them. */
export const MIRROR_TABLES = TENANT_TABLES.filter(
  ({ name }) => !CONTROL_TABLES.has(name) && !ASIDE.has(name),
);

type Row = Readonly<Record<string, string | number | null>>;
export type Dump = Readonly<Record<string, readonly string[]>>;

/** Sums of nothing: whether there is a row for them says nothing. */
const isNothing = (table: string, row: Row): boolean =>
  (table === "account_days" && row["amount_minor"] === 0) ||
  (table === "frontlines" && row["distributors"] === 0);

/** Of what has no summary it says when its first tail was written, and nobody asks. */
const shown = (table: string, row: Row): Row =>
  table === "subjects" && row["view"] === null ? { ...row, as_of_ms: null } : row;

/** Every row of every mirror table of a tenant. */
export async function dump(tenant: string): Promise<Dump> {
  const tables: Record<string, readonly string[]> = {};
  for (const { name } of MIRROR_TABLES) {
    const { results } = await db
      .prepare(`SELECT * FROM "${name}" WHERE tenant = ?`)
      .bind(tenant)
      .all<Row>();
    tables[name] = results
      .filter((row) => !isNothing(name, row))
      .map((row) => JSON.stringify(shown(name, row)))
      .toSorted();
  }
  return tables;
}

export interface RunUntil {
  readonly asked?: Partial<RebuildAsked>;
  /** Done between the steps. */
  readonly between?: (n: number) => Promise<void>;
  readonly faults?: (ports: RebuildPorts) => Partial<RebuildPorts>;
}

/** Starts a rebuild; answers its id. */
export async function begin(line: Line, asked: Partial<RebuildAsked> = {}): Promise<string> {
  const whole = { reason: "test", thaw: [], ...asked };
  const { tenant } = line.company;
  const { run } = await startRebuild(db, { tenant, cause: "test", asked: whole }, Date.now());
  return run.runId;
}

export interface Ended {
  readonly state: string;
  readonly report: RebuildReport;
}

export async function endOf(tenant: string, runId: string): Promise<Ended> {
  const row = await db
    .prepare("SELECT state, report FROM reconciliation_runs WHERE tenant = ? AND run_id = ?")
    .bind(tenant, runId)
    .first<{ state: string; report: string }>();
  if (row === null) throw new Error("There is no such rebuild");
  return { state: row.state, report: JSON.parse(row.report) };
}

const STEPS_MAX = 2000;

/** What orders were to be told of waited for the end: cron tells them then. */
async function recomputeHeld(line: Line): Promise<void> {
  await recomputePending(eventsPorts(line.parts, 0), [line.company.tenant]);
  if (line.queued.length > 0) await line.drain();
}

/** Rebuilds a company's mirror, a step at a time, consuming what it sends. */
export async function rebuild(
  line: Line,
  { asked, between, faults }: RunUntil = {},
): Promise<Ended> {
  const { tenant } = line.company;
  const runId = await begin(line, asked);
  const ports = rebuildPorts(line.parts, shardAt(line.parts.shards, 0));
  // Where something is to come in between, each look at the clock is a minute later: a slice is one step.
  const stepMs = between === undefined && faults === undefined ? 0 : 60_000;
  let nowMs = Date.now();
  const own: RebuildPorts = {
    ...ports,
    open: async (limit) => {
      const runs = await ports.open(1000);
      return runs.filter((run) => run.tenant === tenant).slice(0, limit);
    },
    lease: () => Promise.resolve(true),
    nowMs: () => {
      nowMs += stepMs;
      return nowMs;
    },
  };
  const stepped = { ...own, ...faults?.(own) };
  for (let n = 0; n < STEPS_MAX; n += 1) {
    // As cron does: a call that fails comes again in a minute.
    await rebuildMirror(stepped).catch((error: unknown) => {
      if (faults === undefined) throw error;
    });
    await between?.(n);
    if (line.queued.length > 0) await line.drain();
    const ended = await endOf(tenant, runId);
    if (ended.state === "running") continue;
    await recomputeHeld(line);
    return ended;
  }
  throw new Error("The rebuild does not end");
}

let triggers: readonly string[] | undefined;

/** Does what only somebody with the database in hand can do. */
export async function tamper(...statements: readonly (readonly [sql: string, tenant: string])[]) {
  triggers ??= (
    await db
      .prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfers'")
      .all<{ sql: string }>()
  ).results.map(({ sql }) => sql);
  let changed = 0;
  await db.exec("DROP TRIGGER IF EXISTS transfers_no_update");
  await db.exec("DROP TRIGGER IF EXISTS transfers_no_delete");
  try {
    for (const [sql, tenant] of statements) {
      changed += (await db.prepare(sql).bind(tenant).run()).meta.changes;
    }
  } finally {
    for (const sql of triggers) await db.prepare(sql).run();
  }
  return changed;
}

/** {@link tamper}'s statement. */
export const told = (tenant: string, sql: string): readonly [string, string] => [sql, tenant];

export const NOTHING_WRONG = {
  behind: 0,
  sums_left: false,
  failed: [],
  frozen: [],
  not_found: [],
};

/** What of a table is a log's: the rest is primary. */
export const OWN: Readonly<Record<string, string>> = {
  events: "AND position IS NOT NULL",
  held: "AND message IS NULL",
  // What the projection finds and no log tells stays a person's.
  breaks: "AND class <> 'ID_REUSED'",
};

/** All that a rebuild can write. */
export const REBUILT = MIRROR_TABLES.filter(({ name }) => name !== "anchors" && name !== "changes");

/** The mirror of a company, as a backup has it. */
export async function backUp(tenant: string): Promise<ReadonlyMap<string, readonly Row[]>> {
  const tables = new Map<string, readonly Row[]>();
  for (const { name } of REBUILT) {
    const sql = `SELECT * FROM "${name}" WHERE tenant = ?`;
    tables.set(name, (await db.prepare(sql).bind(tenant).all<Row>()).results);
  }
  return tables;
}

export const empty = (tenant: string) =>
  tamper(
    ...REBUILT.map(
      ({ name }) => [`DELETE FROM "${name}" WHERE tenant = ? ${OWN[name] ?? ""}`, tenant] as const,
    ),
  );

export async function restore(
  tenant: string,
  backup: ReadonlyMap<string, readonly Row[]>,
): Promise<void> {
  await empty(tenant);
  for (const [name, rows] of backup) {
    for (const row of rows) {
      const columns = Object.keys(row);
      const marks = columns.map(() => "?").join(", ");
      const sql = `INSERT INTO "${name}" (${columns.map((c) => `"${c}"`).join(", ")})
        VALUES (${marks}) ON CONFLICT DO NOTHING`;
      await db
        .prepare(sql)
        .bind(...Object.values(row))
        .run();
    }
  }
}
