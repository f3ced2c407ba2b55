import { env } from "cloudflare:workers";
import { afterEach, beforeEach, vi } from "vitest";
import { corePort } from "#src/compose/core-port.ts";
import { reconcilePorts } from "#src/compose/reconcile.ts";
import { formatInstant } from "#src/core/contracts/instant.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { coreClient } from "#src/edge/core-client/client.ts";
import { reconcile, type ReconcileJobPorts } from "#src/edge/cron/reconciliation/reconcile.ts";
import { startRun } from "#src/edge/d1/reconciliation/start-run.ts";
import type { Message } from "#src/edge/message.ts";
import { answering, type Books } from "../../support/core.ts";
import { layLine, type Line } from "../../support/line.ts";

const CORE = "https://core-of-lookups.example";
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const NOW_MS = Date.parse("2026-11-20T12:34:56.000Z");
export const POSTED_MS = NOW_MS - 30 * HOUR_MS;

/** Each test of the file has a clock that it sets, and gets its globals back. */
export function onFakeDates(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

/** A line of the core, by an id of its distributor and a number: `B-7`. */
export function coreLine(line_id: string, more: Partial<CoreLine> = {}): CoreLine {
  const [distributor_id = "", n = "0"] = line_id.split("-");
  const atMs = POSTED_MS + Number(n) * 1000;
  return {
    line_id,
    distributor_id,
    order_id: `O-${line_id}`,
    component: "unilevel",
    level: 1,
    paid_level: null,
    cv_x100: null,
    rate_ppm: null,
    currency: "USD",
    amount_minor: 400,
    reversals: [],
    status: "held",
    period_id: "2026-11",
    run_id: "r1",
    effective_ms: atMs,
    available_ms: null,
    updated_ms: atMs,
    ...more,
  };
}

export const coreLines = (prefix: string, from: number, to: number): readonly CoreLine[] =>
  Array.from({ length: to - from }, (_, i) => coreLine(`${prefix}-${from + i}`));

const posted = (line: CoreLine) => ({
  id: `posted-${line.line_id}`,
  type: "commission.posted",
  version: 1,
  occurred_at: formatInstant(line.effective_ms),
  key: `dist:${line.distributor_id}`,
  data: {
    line_id: line.line_id,
    distributor_id: line.distributor_id,
    order_id: line.order_id,
    component: line.component,
    level: line.level,
    currency: line.currency,
    amount_minor: line.amount_minor,
    period_id: line.period_id,
    run_id: line.run_id,
  },
});

/** An answer of the core's, changed on its way. */
interface Lie {
  over?: (url: URL, body: Answer) => object;
  /** What it does not offer. */
  lacks?: (url: URL) => boolean;
}

export interface Answer {
  readonly items?: readonly Readonly<Record<string, unknown>>[];
  readonly [member: string]: unknown;
}

/** What a run has reported. */
export interface Reported {
  readonly state: string;
  readonly healed: number;
  readonly open: number;
  readonly differing: number;
  readonly contradicted: number;
  readonly expected: number;
  readonly covered: number;
  readonly [member: string]: unknown;
}

type Kind = "window" | "lines" | "balances";

type Row = Readonly<Record<string, string | number | null>>;

export interface AgainstCore {
  readonly line: Line;
  readonly books: Books;
  readonly lie: Lie;
  /** Alerts of limits, of all runs. */
  readonly alerts: string[];
  /** Goes on with the run that is on its way, where one is; with other ports where they are given. */
  readonly run: (kind?: Kind, over?: Partial<ReconcileJobPorts>) => Promise<Reported>;
  readonly select: (sql: string) => Promise<readonly Row[]>;
  /** `CLASS line outcome-or-action why`, by id. */
  readonly breaks: () => Promise<readonly string[]>;
  readonly lines: () => Promise<readonly string[]>;
}

export const later = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms);
};

/** A company of these distributors whose mirror has one set of lines, and whose core another. */
export async function againstCore(
  distributors: readonly string[],
  mirrored: readonly CoreLine[],
  { lines, events = [] }: { lines: readonly CoreLine[]; events?: readonly { key: string }[] },
): Promise<AgainstCore> {
  vi.setSystemTime(NOW_MS - 6 * HOUR_MS);
  const books: Books = { epoch: 0, lines, events: [], asked: [] };
  const lie: Lie = {};
  vi.stubGlobal("fetch", lying(books, lie));
  const queued: Message[] = [];
  const SLOW_0: Cloudflare.Env["SLOW_0"] = {
    ...env.SLOW_0,
    send: async (body: Message) => {
      queued.push(body);
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    },
  };
  const line = await layLine({ SLOW_0 }, { core: { url: CORE, auth: "secret" } });
  await line.enrol(...distributors);
  const all = numbered([...mirrored.map(posted), ...events]);
  for (let i = 0; i < all.length; i += 50) await line.post(...all.slice(i, i + 50));
  await line.drain();
  vi.setSystemTime(NOW_MS);

  const { tenant } = line.company;
  const select = async (sql: string) =>
    (await env.MIRROR_0.prepare(sql).bind(tenant).all<Row>()).results;
  const alerts: string[] = [];
  return {
    line,
    books,
    lie,
    alerts,
    select,
    run: async (kind = "window", over = {}) => {
      const report = await runOnce(line, kind, { alerts, over });
      for (const body of queued.splice(0))
        line.queued.push({ id: crypto.randomUUID(), body, attempts: 1 });
      await line.drain();
      return report;
    },
    breaks: async () =>
      (
        await select(
          `SELECT class, reference, coalesce(outcome, action) AS done, why FROM breaks
           WHERE tenant = ? AND run_id IS NOT NULL ORDER BY found_ms, break_id`,
        )
      ).map((row) =>
        [row["class"], row["reference"], row["done"], row["why"] ?? ""].join(" ").trim(),
      ),
    lines: async () =>
      (await select("SELECT * FROM lines WHERE tenant = ? ORDER BY distributor_id, line_id")).map(
        (row) => `${row["distributor_id"]}/${row["line_id"]} ${row["state"]}`,
      ),
  };
}

function lying(books: Books, lie: Lie): typeof fetch {
  const honest = answering(CORE, books);
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (lie.lacks?.(url) === true) return new Response(null, { status: 404 });
    const response = await honest(input, init);
    if (lie.over === undefined || response.status !== 200) return response;
    return Response.json(lie.over(url, await response.json<Answer>()));
  };
}

function numbered(events: readonly { readonly key: string }[]): readonly object[] {
  const seqs = new Map<string, number>();
  return events.map((event) => {
    const seq = (seqs.get(event.key) ?? 0) + 1;
    seqs.set(event.key, seq);
    return { ...event, seq };
  });
}

/** One run to its end, against a core that is asked as fast as it answers. */
async function runOnce(
  { parts, company: { tenant } }: Line,
  kind: Kind,
  { alerts, over }: { alerts: string[]; over: Partial<ReconcileJobPorts> },
): Promise<Reported> {
  const shard = shardAt(parts.shards, 0);
  const { run } = await startRun(shard.mirror, { tenant, kind, cause: "test" }, parts.nowMs());
  const limits = { requests: 200, bytes: 20_000_000, rate: { reserve: () => 0 } };
  const world = { fetch, nowMs: Date.now, wait: async () => {}, random: () => 0 };
  const ports = {
    ...reconcilePorts(parts, shard),
    tenants: () => Promise.resolve([tenant]),
    start: () => Promise.resolve(),
    core: async () => corePort(coreClient({ url: CORE, auth: "secret" }, limits, world)),
    log: (_level: string, event: string, detail: object = {}) => {
      if (event === "reconciliation_limit") alerts.push(String(Reflect.get(detail, "kind")));
    },
    ...over,
  };
  for (let call = 0; call < 8; call += 1) {
    await reconcile(ports);
    const row = await env.MIRROR_0.prepare(
      "SELECT state, report FROM reconciliation_runs WHERE tenant = ? AND run_id = ?",
    )
      .bind(tenant, run.runId)
      .first<{ state: string; report: string }>();
    if (row !== null && row.state !== "running") {
      return { state: row.state, ...JSON.parse(row.report) };
    }
    later(3 * MINUTE_MS);
  }
  throw new Error("The run does not end");
}
