import { type Alert, type AlertKind, type Shelf, shelfOf } from "../../../core/operation/alerts.ts";
import {
  breakAlert,
  debtAlert,
  frozenAlert,
  limitAlert,
  type OpenBreak,
  stockAlert,
} from "../../../core/operation/break-alerts.ts";
import {
  gapAlert,
  gapKey,
  heldAlert,
  type HeldCrowd,
  type LateGap,
  parseGapKey,
} from "../../../core/operation/pipeline-alerts.ts";
import { type FailingPoll, pollAlerts } from "../../../core/operation/poll-alerts.ts";
import {
  type LookedRebuild,
  type LookedReplay,
  type LookedRun,
  rebuildAlerts,
  replayAlerts,
} from "../../../core/operation/run-alerts.ts";
import { sloAlerts } from "../../../core/operation/slo-alerts.ts";
import { keptStanding, type Standing } from "../../../core/sla/standing.ts";
import { agedBefore, URGENT_CLASSES, URGENT_WHYS } from "../../../core/reconciliation/aging.ts";
import type { CountedDay } from "../../event-count.ts";
import type { Reading } from "../../reading.ts";
import { legible } from "../count-lines.ts";
import {
  deliveryQuestions,
  deliveryShelves,
  type StandingDestination,
} from "../outbound/alerts.ts";
import { SOURCE_ROW } from "../polls.ts";
import { CHAIN_BREAKS } from "./metrics.ts";
import { readingOf } from "./session.ts";

/** Rows looked at in one search for what is rare; it goes on from there. */
export const SEARCHED_ROWS_MAX = 5000;
/** Rows that are counted into one alert: it counts no further. */
const COUNTED_ROWS_MAX = 50_000;
/** More than a week of runs of every quarter of an hour. */
const RUNS_MAX = 800;

const BREAK = `'breakId', b.break_id, 'class', b.class, 'subject', b.subject,
  'reference', b.reference, 'why', b.why, 'foundMs', b.found_ms`;

const OPEN = "breaks INDEXED BY breaks_open WHERE tenant = ?1 AND resolved_ms IS NULL";
const LOOKED_AT = `${OPEN} AND break_id > ?2 ORDER BY break_id`;

// Debts and low stock are kinds of their own; an object that is frozen says more than its break.
const BREAKS = `SELECT json_object(${BREAK}) AS found
  FROM (SELECT * FROM ${LOOKED_AT} LIMIT ${SEARCHED_ROWS_MAX}) b
  WHERE class NOT IN ('NEGATIVE_BALANCE', 'LOW_STOCK')
    AND (found_ms <= ?4 OR class IN (SELECT value FROM json_each(?5))
      OR why IN (SELECT value FROM json_each(?6)))
    AND NOT (class = 'CHAIN' AND EXISTS (SELECT 1 FROM subjects s WHERE s.tenant = b.tenant
      AND s.subject = b.subject AND s.frozen_ms IS NOT NULL))
  ORDER BY break_id LIMIT ?3`;

const BREAKS_TO = `SELECT json_quote(break_id) AS found FROM ${LOOKED_AT}
  LIMIT 1 OFFSET ${SEARCHED_ROWS_MAX - 1}`;

// Their ids begin with their class.
const debtsAndStock = (kind: string, more: string, join: string): string =>
  `SELECT json_object(${BREAK}, ${more}) AS found
  FROM (SELECT * FROM ${LOOKED_AT.replace("ORDER", `AND break_id >= '${kind}:' AND break_id < '${kind};' ORDER`)}
    LIMIT ?3) b LEFT JOIN ${join} ORDER BY b.break_id`;

const DEBTS = debtsAndStock(
  "NEGATIVE_BALANCE",
  "'view', s.view",
  "subjects s ON s.tenant = b.tenant AND s.subject = b.subject",
);

const STOCK = debtsAndStock(
  "LOW_STOCK",
  "'value', r.value",
  "records r ON r.tenant = b.tenant AND r.kind = 'inventory' AND r.id = b.reference",
);

// Whoever freezes an object opens such a break in the same batch; a person may have accepted that.
const FROZEN = `SELECT json_object('subject', s.subject, 'frozenMs', s.frozen_ms) AS found
  FROM breaks b CROSS JOIN subjects s
  WHERE b.tenant = ?1 AND ${CHAIN_BREAKS} AND b.break_id > 'CHAIN:' || ?2
    AND s.tenant = ?1 AND s.subject = b.subject AND s.frozen_ms IS NOT NULL
  ORDER BY b.break_id LIMIT ?3`;

const GAP = `json_object('subject', subject, 'source', source, 'epoch', epoch, 'fromSeq', from_seq,
  'toSeq', to_seq, 'sinceMs', since_ms) AS found`;
const GAPS_LOOKED_AT = `gaps INDEXED BY gaps_open
  WHERE tenant = ?1 AND stage <> 'closed' AND (subject, source, epoch, from_seq) >
  (?2 ->> 0, ?2 ->> 1, ?2 ->> 2, ?2 ->> 3) ORDER BY subject, source, epoch, from_seq`;
const GAPS = `SELECT ${GAP} FROM (SELECT * FROM ${GAPS_LOOKED_AT} LIMIT ${SEARCHED_ROWS_MAX})
  WHERE stage = 'alert' ORDER BY subject, source, epoch, from_seq LIMIT ?3`;
const GAPS_TO = `SELECT ${GAP} FROM ${GAPS_LOOKED_AT} LIMIT 1 OFFSET ${SEARCHED_ROWS_MAX - 1}`;

const HELD = `SELECT json_object('state', state, 'source', source, 'events', count(*),
    'oldestMs', min(since_ms)) AS found
  FROM (SELECT state, source, since_ms FROM held INDEXED BY held_states WHERE tenant = ?1
    AND state IN ('dead', 'quarantined', 'conflict') LIMIT ${COUNTED_ROWS_MAX})
  GROUP BY state, source`;

const LIMITS = `SELECT json_object('class', class, 'breaks', count(*),
    'oldestMs', min(found_ms)) AS found
  FROM (SELECT class, why, found_ms FROM ${OPEN} LIMIT ${COUNTED_ROWS_MAX})
  WHERE why = 'run_limit' GROUP BY class`;

const RUNS = `SELECT json_object('runId', run_id, 'kind', kind, 'state', state,
    'startedMs', started_ms, 'endedMs', ended_ms, 'error', json(report -> '$.error')) AS found
  FROM reconciliation_runs WHERE tenant = ?1 AND run_id >= 'recon_' AND run_id < 'recon\`'
  ORDER BY run_id DESC LIMIT ${RUNS_MAX}`;

// They are of one table with runs, and nothing of them is about the core.
const REBUILDS = `SELECT json_object('runId', run_id, 'state', state, 'startedMs', started_ms,
    'endedMs', ended_ms, 'error', report ->> '$.error') AS found
  FROM reconciliation_runs WHERE tenant = ?1 AND run_id >= 'rebuild_' AND run_id < 'rebuild\`'
  ORDER BY run_id DESC LIMIT 2`;

// One at most is on its way: the other is the last that is over. What sends nothing is left out.
const REPLAYS = `SELECT json_object('runId', replay_id, 'state', state, 'startedMs', started_ms,
    'endedMs', ended_ms, 'error', report ->> '$.error') AS found
  FROM (SELECT * FROM replays WHERE tenant = ?1 ORDER BY replay_id DESC LIMIT 200)
  WHERE asked ->> '$.isDry' = 0 ORDER BY replay_id DESC LIMIT 2`;

// Of a source at most as many rows as it has streams, and its own.
const POLLS = `SELECT json_object('source', source, 'failures', failures,
    'stream', iif(stream = '${SOURCE_ROW}', 'looking up', stream),
    'error', json(report -> '$.error')) AS found
  FROM polls WHERE tenant = ?1 AND source IN (SELECT value FROM json_each(?2)) AND failures > 0
  ORDER BY source, stream`;

const SLO = `SELECT ${legible("state")} AS found FROM jobs WHERE job = 'slo:' || ?1`;

const USAGE = "SELECT state AS found FROM jobs WHERE job = 'usage:' || ?1";

export interface AlertsAsked {
  readonly tenant: string;
  /** Behind which key alerts of a kind are wanted; undefined where none are. */
  readonly after: (kind: AlertKind) => string | undefined;
  readonly limit: number;
  readonly nowMs: number;
  /** Sources that are polled, by name. */
  readonly polled: readonly string[];
  /** All of them. */
  readonly destinations: readonly StandingDestination[];
}

/** What of the mirror can be an alert. */
export interface MirrorAlerts {
  readonly shelves: readonly Shelf[];
  /** The newest first; none where nobody asks for them. */
  readonly runs: readonly LookedRun[];
  readonly counted?: CountedDay;
}

/** One batch of the mirror. */
export async function mirrorAlerts(
  session: D1DatabaseSession,
  asked: AlertsAsked,
): Promise<Reading<MirrorAlerts>> {
  const questions = questionsOf(asked);
  const results = await session.batch<{ found: string }>(
    questions.map(([, sql, values]) => session.prepare(sql).bind(asked.tenant, ...values)),
  );
  const found = new Map(
    questions.map(([name], i) => [name, (results[i]?.results ?? []).map((row) => row.found)]),
  );
  // Own text: what the statements above build.
  const rows = <Row>(name: string): readonly Row[] =>
    (found.get(name) ?? []).map((text): Row => JSON.parse(text));
  const [counted] = rows<CountedDay>("usage");
  return readingOf(session, {
    shelves: shelvesOf(rows, asked),
    runs: rows<LookedRun>("runs"),
    ...(counted === undefined ? {} : { counted }),
  });
}

type Question = readonly [name: string, sql: string, values: readonly (string | number)[]];

/** Nothing is asked of a kind that is not wanted, or that the list is past. */
function questionsOf(asked: AlertsAsked): readonly Question[] {
  const { after, limit, nowMs, polled } = asked;
  const of = (kind: AlertKind, ask: (key: string) => readonly Question[]) => {
    const key = after(kind);
    return key === undefined ? [] : ask(key);
  };
  const urgent = [JSON.stringify(URGENT_CLASSES), JSON.stringify(URGENT_WHYS)];
  const { ticketMs } = agedBefore(nowMs);
  const isWanted = (...kinds: readonly AlertKind[]) =>
    kinds.some((kind) => after(kind) !== undefined);
  return [
    ...of("break", (key) => [
      ["break", BREAKS, [key, limit, ticketMs, ...urgent]],
      ["break_to", BREAKS_TO, [key]],
    ]),
    ...of("negative_balance", (key) => [["negative_balance", DEBTS, [key, limit]]]),
    ...of("low_stock", (key) => [["low_stock", STOCK, [key, limit]]]),
    ...of("frozen", (key) => [["frozen", FROZEN, [key, limit]]]),
    ...of("gap", (key) => [
      ["gap", GAPS, [gapPlace(key), limit]],
      ["gap_to", GAPS_TO, [gapPlace(key)]],
    ]),
    ...of("poll_failing", () => [["poll_failing", POLLS, [JSON.stringify(polled)]]]),
    ...of("limit_reached", () => [["limit_reached", LIMITS, []]]),
    // Always: it is one row, and tells how far the mirror was where nothing else is asked of it.
    ["usage", USAGE, []],
    ...(isWanted("dead", "quarantined", "conflict") ? [["held", HELD, []] as const] : []),
    ...(isWanted("core_unreachable", "reconciliation_failed") ? [["runs", RUNS, []] as const] : []),
    ...of("slo_burning", () => [["slo_burning", SLO, []]]),
    ...deliveryQuestions(asked),
    ...of("rebuild_failed", () => [["rebuild_failed", REBUILDS, []]]),
    ...of("replay_failed", () => [["replay_failed", REPLAYS, []]]),
  ];
}

/** A key of ours as SQL takes it; behind nothing where it is none. */
const gapPlace = (key: string): string => JSON.stringify(parseGapKey(key) ?? ["", "", 0, 0]);

const breakKey = ({ breakId }: OpenBreak): string => breakId;

function shelvesOf(
  rows: <Row>(name: string) => readonly Row[],
  asked: AlertsAsked,
): readonly Shelf[] {
  const { after, limit, nowMs } = asked;
  /** Each row is looked at; where there are as many as were asked for, there may be more. */
  const looked = <Row>(
    kind: AlertKind,
    keyOf: (row: Row) => string,
    alertsOf: (row: Row) => readonly Alert[],
  ): Shelf => {
    const found = rows<Row>(kind);
    const last = found.length < limit ? undefined : found.at(-1);
    const alerts = found.flatMap(alertsOf);
    return { kind, alerts, ...(last === undefined ? {} : { lookedTo: keyOf(last) }) };
  };
  const [breaksTo] = rows<string>("break_to");
  const [gapsTo] = rows<LateGap>("gap_to");
  const breaks = looked<OpenBreak>("break", breakKey, (row) => breakAlert(row, nowMs));
  const gaps = looked<LateGap>("gap", gapKey, (row) => [gapAlert(row)]);
  const held = rows<HeldCrowd>("held").map(heldAlert);
  const polls = pollAlerts(rows<FailingPoll>("poll_failing"), nowMs);
  const rebuilds = rebuildAlerts(rows<LookedRebuild>("rebuild_failed"));
  const replays = replayAlerts(rows<LookedReplay>("replay_failed"));
  const slo = rows<Partial<Standing>>("slo_burning").flatMap((kept) => {
    const standing = keptStanding(kept);
    return standing === undefined ? [] : sloAlerts(standing);
  });
  const limits = rows<Parameters<typeof limitAlert>[0]>("limit_reached").map(limitAlert);
  return [
    { ...(breaksTo === undefined ? {} : { lookedTo: breaksTo }), ...breaks },
    { ...(gapsTo === undefined ? {} : { lookedTo: gapKey(gapsTo) }), ...gaps },
    looked<Parameters<typeof debtAlert>[0]>("negative_balance", breakKey, (r) =>
      debtAlert(r, nowMs),
    ),
    looked<Parameters<typeof stockAlert>[0]>("low_stock", breakKey, (r) => stockAlert(r, nowMs)),
    looked<Parameters<typeof frozenAlert>[0]>(
      "frozen",
      ({ subject }) => subject,
      (row) => [frozenAlert(row)],
    ),
    ...(["dead", "quarantined", "conflict"] as const).map((kind) =>
      shelfOf(kind, held, after(kind) ?? ""),
    ),
    shelfOf("limit_reached", limits, after("limit_reached") ?? ""),
    shelfOf("slo_burning", slo, after("slo_burning") ?? ""),
    shelfOf("rebuild_failed", rebuilds, after("rebuild_failed") ?? ""),
    shelfOf("replay_failed", replays, after("replay_failed") ?? ""),
    shelfOf("poll_failing", polls, after("poll_failing") ?? ""),
    ...deliveryShelves(rows, asked),
  ].filter(({ kind }) => after(kind) !== undefined);
}
