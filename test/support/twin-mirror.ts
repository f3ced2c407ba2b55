import { createHash } from "node:crypto";
import { corePort } from "#src/compose/core-port.ts";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { type BalanceVector, type OwnMoney, vectorsOf } from "#src/core/reconciliation/balances.ts";
import {
  bucketOf,
  formatBucket,
  isAligned,
  parseBucket,
} from "#src/core/reconciliation/buckets.ts";
import { type CoreLine, digestLineOf, reversedOf } from "#src/core/reconciliation/core-line.ts";
import { type CoreState, judgeState } from "#src/core/reconciliation/core-state.ts";
import {
  CONTRADICTED,
  findingsOf,
  type FoundLine,
  type LineName,
  type LocalLine,
} from "#src/core/reconciliation/differ.ts";
import { addLines, digestOf, NO_LINES, type Sha256 } from "#src/core/reconciliation/digest.ts";
import type { Flight } from "#src/core/reconciliation/flights.ts";
import { type JudgedBreak, type KnownBreak, LIMITS } from "#src/core/reconciliation/judge.ts";
import { NO_REPORT } from "#src/core/reconciliation/report.ts";
import { compareText } from "#src/core/reconciliation/text-order.ts";
import type { BucketSum } from "#src/core/reconciliation/walk.ts";
import { type CoreClient, coreClient } from "#src/edge/core-client/client.ts";
import type { SendLimits } from "#src/edge/core-client/send.ts";
import { whole } from "#src/edge/core-client/whole.ts";
import type { BalanceFound, BalanceMark } from "#src/edge/cron/reconciliation/balance-ports.ts";
import type {
  Close,
  KeptReport,
  ReconcilePorts,
  RunAt,
  RunCursor,
} from "#src/edge/cron/reconciliation/ports.ts";
import { continueRun } from "#src/edge/cron/reconciliation/run.ts";
import type { ReferenceCore } from "../../tools/core/core.ts";

const sha256: Sha256 = (data) => createHash("sha256").update(data).digest();

/** What one request may use, and how fast: a test and a bench wait for nobody. */
const AT_ONCE: SendLimits["rate"] = { reserve: () => 0 };

export interface TwinOptions {
  readonly nowMs: () => number;
  readonly graceMs?: number;
  readonly lagMs?: number;
  /** What one call may ask of the core. */
  readonly requests?: number;
}

const clientOf = (core: ReferenceCore, requests: number): CoreClient =>
  coreClient(
    { url: core.url, auth: core.auth },
    { requests, bytes: 1_000_000_000, rate: AT_ONCE, requestMs: 60_000 },
    { fetch, nowMs: Date.now, wait: async () => {}, random: () => 0.5 },
  );

const nameOf = ({ distributor_id, line_id }: LineName): string =>
  JSON.stringify([distributor_id, line_id]);

/** A line as a mirror would have it. */
const localOf = (line: CoreLine): LocalLine => ({
  ...line,
  depth: line.level,
  reversed_minor: reversedOf(line),
  state: line.status,
  origin: "core",
  changed_ms: line.updated_ms,
});

/**
 * A mirror whose lines lie in a second reference core, and all else in memory: real runs against a
 * real core over HTTP, without a Worker. What heals is told, and not done.
 */
export class TwinMirror {
  readonly breaks = new Map<string, JudgedBreak & { outcome: KnownBreak["outcome"] }>();
  readonly healing: GatewayEvent[] = [];
  readonly logged: string[] = [];
  readonly recomputed: string[] = [];
  readonly fulfilled: { readonly cause: string; readonly closes: readonly Close[] }[] = [];
  /** Of the gateway, beyond what its lines say: by distributor. */
  readonly own: Map<string, Partial<OwnMoney>> = new Map();
  readonly flights = new Map<string, Flight>();
  /** What the core told last of itself. */
  state: CoreState | undefined;

  readonly #core: ReferenceCore;
  readonly #options: TwinOptions;
  readonly #books: ReferenceCore;
  readonly #mirror: CoreClient;
  readonly #balances = new Map<string, { found: BalanceFound; mark?: BalanceMark }>();
  readonly #differences = new Map<string, FoundLine>();

  constructor(core: ReferenceCore, mirror: ReferenceCore, options: TwinOptions) {
    this.#core = core;
    this.#options = options;
    this.#books = mirror;
    this.#mirror = clientOf(mirror, Infinity);
  }

  /** A run to its end, call by call, each of which reads what the one before it kept. */
  async run(kind: string, more: { readonly cause?: string; readonly cursor?: RunCursor } = {}) {
    const { cause = "cron", cursor = {} } = more;
    const startedMs = this.#options.nowMs();
    const kept = { cursor: JSON.stringify(cursor), report: "{}" };
    const ended: { readonly state: string; readonly report: KeptReport }[] = [];
    this.#differences.clear();
    this.#balances.clear();
    let [calls, cursorBytes] = [0, 0];
    while (ended.length === 0) {
      calls += 1;
      if (calls > 10_000) throw new Error("The run does not end");
      await continueRun(
        { tenant: "acme", runId: "recon_1", kind, cause, startedMs, ...kept },
        {
          ...this.#ports(),
          save: (_run, { cursor: at, report }) => {
            kept.cursor = JSON.stringify(at);
            kept.report = JSON.stringify(report);
            cursorBytes = Math.max(cursorBytes, kept.cursor.length);
            return Promise.resolve();
          },
          end: (_run, { state, report }) => {
            ended.push({ state, report });
            return Promise.resolve();
          },
        },
      );
    }
    const none: { state: string; report: KeptReport } = { state: "none", report: NO_REPORT };
    const [{ state, report } = none] = ended;
    return { state, ...report, calls, cursorBytes };
  }

  open(): readonly string[] {
    return [...this.breaks.values()]
      .filter(({ outcome }) => outcome === null)
      .map(({ class: kind, line_id, distributor_id }) => `${kind} ${line_id ?? distributor_id}`)
      .toSorted();
  }

  #ports(): ReconcilePorts {
    const { nowMs, graceMs = 0, requests = 1_000_000 } = this.#options;
    return {
      core: () => Promise.resolve(corePort(clientOf(this.#core, requests))),
      ...this.#lines(),
      ...this.#money(),
      ...this.#outcome(),
      judgeState: (_tenant, told) => Promise.resolve(judgeState(this.state, told).noted),
      noteState: (_tenant, told) => {
        const { noted, state = this.state } = judgeState(this.state, told);
        this.state = state;
        return Promise.resolve(noted);
      },
      lagMs: () => Promise.resolve(this.#options.lagMs ?? 0),
      flightsOf: () => Promise.resolve(this.flights),
      putFlights: (_run, { flying, nowMs: atMs }) => {
        for (const { local, ...one } of flying) {
          const known = this.flights.get(nameOf(one));
          const since_ms = known?.local === local ? known.since_ms : atMs;
          this.flights.set(nameOf(one), { since_ms, local });
        }
        return Promise.resolve();
      },
      landFlights: () => Promise.resolve(),
      fulfil: ({ cause }, closes) => {
        this.fulfilled.push({ cause, closes });
        return Promise.resolve();
      },
      lease: () => Promise.resolve(true),
      save: () => Promise.resolve(),
      end: () => Promise.resolve(),
      limits: { ...LIMITS, grace_ms: graceMs },
      sha256,
      nowMs,
      log: (_level, event) => {
        this.logged.push(event);
      },
    };
  }

  #lines() {
    const named = async (_tenant: string, names: readonly LineName[]) => {
      const wanted = new Set(names.map(nameOf));
      const found: LocalLine[] = [];
      for (let i = 0; i < names.length; i += 100) {
        const lineIds = [...new Set(names.slice(i, i + 100).map(({ line_id }) => line_id))];
        found.push(...(await this.#read({ by: "ids", lineIds })));
      }
      return found.filter((line) => wanted.has(nameOf(line)));
    };
    return {
      localDigests: async (_tenant, asked) =>
        isAligned(asked.range, asked.level)
          ? itemsOf(await whole((place) => this.#mirror.digests(asked, { place })))
          : this.#sums(asked),
      localLines: async (_tenant, buckets) => {
        const found = new Map<string, readonly LocalLine[]>();
        for (const bucket of buckets) {
          found.set(formatBucket(bucket), await this.#read({ by: "bucket", bucket }));
        }
        return found;
      },
      localNamed: named,
      localPlain: named,
      putDifferences: (_run, found) => {
        for (const one of found) {
          const known = this.#differences.get(nameOf(one));
          const core = toldTwice(known?.core, one.core)
            ? CONTRADICTED
            : (one.core ?? known?.core ?? null);
          const local = one.local ?? known?.local ?? null;
          // Both sides are kept, alike or not: a later look may change one of them.
          this.#differences.set(nameOf(one), { ...pick(one), core, local });
        }
        return Promise.resolve();
      },
      differencesOf: (_run, distributors) => {
        const theirs = [...this.#differences.values()].filter(({ distributor_id }) =>
          distributors.includes(distributor_id),
        );
        return Promise.resolve(findingsOf(theirs).differences);
      },
      foundAfter: (_run, after, limit) => {
        const behind = [...this.#differences]
          .toSorted(([one], [other]) => (one < other ? -1 : 1))
          .filter(([name]) => after === undefined || name > nameOf(after))
          .slice(0, limit)
          .map(([, line]) => line);
        const last = behind.length < limit ? undefined : behind.at(-1);
        const found = findingsOf(behind);
        return Promise.resolve(last === undefined ? found : { ...found, last: pick(last) });
      },
      foundOf: (_run, names) =>
        Promise.resolve(
          findingsOf(names.flatMap((name) => this.#differences.get(nameOf(name)) ?? [])),
        ),
      countKept: () => Promise.resolve(this.#differences.size),
      dropDifferences: () => {
        this.#differences.clear();
        this.#balances.clear();
        return Promise.resolve();
      },
    } satisfies Partial<ReconcilePorts>;
  }

  /** Digests of whole hours that are no whole days or months: no core tells those. */
  #sums({ level, range, shards }: Parameters<ReconcilePorts["localDigests"]>[1]): BucketSum[] {
    const lines = this.#books
      .lines()
      .filter(({ effective_ms }) => effective_ms >= range.fromMs && effective_ms < range.toMs);
    const buckets = Map.groupBy(lines, (line) => formatBucket(bucketOf(line, level, sha256)));
    return [...buckets].flatMap(([name, of]) => {
      const bucket = parseBucket(name);
      if (bucket === undefined || shards?.includes(bucket.shard) === false) return [];
      const sum = addLines(NO_LINES, of.map(digestLineOf), sha256);
      return [{ name, lines: sum.lines, digest: digestOf(sum, sha256) }];
    });
  }

  async #read(asked: Parameters<CoreClient["lines"]>[0]): Promise<readonly LocalLine[]> {
    return itemsOf(await whole((place) => this.#mirror.lines(asked, { place }))).map(localOf);
  }

  async #own(): Promise<readonly OwnMoney[]> {
    const rows = itemsOf(await whole((place) => this.#mirror.balances({}, { place })));
    const vectors = vectorsOf(rows);
    const ids = [...new Set([...vectors.keys(), ...this.own.keys()])].toSorted(compareText);
    return ids.map((id) => ({
      distributor_id: id,
      balances: { ...accountsOf(id, vectors.get(id) ?? {}), ...this.own.get(id)?.balances },
      gateway: this.own.get(id)?.gateway ?? {},
    }));
  }

  #money() {
    const isBetween = (id: string, after: string | undefined, upTo: string | undefined): boolean =>
      (after === undefined || compareText(id, after) > 0) &&
      (upTo === undefined || compareText(id, upTo) <= 0);
    return {
      balancesAfter: async (_tenant, { after, upTo, limit }) =>
        (await this.#own())
          .filter(({ distributor_id }) => isBetween(distributor_id, after, upTo))
          .slice(0, limit),
      moneyNow: async (_tenant, asked, sinceMs) => {
        const all = new Map((await this.#own()).map((one) => [one.distributor_id, one]));
        const young = await this.#read({ by: "updated", sinceMs });
        return asked.flatMap(({ distributor_id, line_ids }) => {
          const own = all.get(distributor_id);
          if (own === undefined) return [];
          const recent = young.filter((line) => line.distributor_id === distributor_id);
          const ids = [...new Set([...recent.map(({ line_id }) => line_id), ...line_ids])];
          const lines = ids.flatMap((id) => this.#books.line(id) ?? []).map(localOf);
          const changed = lines.map(({ changed_ms = 0 }) => changed_ms);
          const changed_ms = changed.length === 0 ? null : Math.max(...changed);
          return [{ ...own, isFrozen: false, changed_ms, lines, isBusy: false }];
        });
      },
      putBalances: (_run, found) => {
        for (const one of found) this.#balances.set(one.distributor_id, { found: one });
        return Promise.resolve();
      },
      readBalances: (_run, after, limit) =>
        Promise.resolve(
          [...this.#balances.values()]
            .filter((one) => one.mark === undefined)
            .map(({ found }) => found)
            .filter(({ distributor_id: id }) => isBetween(id, after, undefined))
            .toSorted((a, b) => compareText(a.distributor_id, b.distributor_id))
            .slice(0, limit),
        ),
      markBalances: (_run, marks) => {
        for (const { distributor_id, mark } of marks) {
          const known = this.#balances.get(distributor_id);
          if (known !== undefined) known.mark = mark;
        }
        return Promise.resolve();
      },
      dropBalances: (_run, ids) => {
        for (const id of ids) this.#balances.delete(id);
        return Promise.resolve();
      },
      recompute: (_tenant, id) => {
        this.recomputed.push(id);
        return Promise.resolve();
      },
      closeBalances: () => {
        for (const one of this.breaks.values()) {
          const mark = this.#balances.get(one.distributor_id)?.mark;
          const isHeld =
            mark !== undefined && ("in_flight" in mark || mark.break_id === one.break_id);
          if (one.class === "BALANCE_ONLY" && !isHeld) this.#close(one);
        }
        return Promise.resolve();
      },
    } satisfies Partial<ReconcilePorts>;
  }

  #close(found: JudgedBreak & { outcome: KnownBreak["outcome"] }): void {
    found.outcome ??= found.action === "none" ? "gone" : "healed";
  }

  #outcome() {
    return {
      known: () =>
        Promise.resolve(
          new Map(
            [...this.breaks.values()].map(({ break_id, opened_ms, outcome }) => [
              break_id,
              { break_id, opened_ms, outcome },
            ]),
          ),
        ),
      closedPeriods: () => Promise.resolve(new Set<string>()),
      zones: () => Promise.resolve([]),
      frozenAmong: () => Promise.resolve(new Set<string>()),
      unknownAmong: () => Promise.resolve(new Set<string>()),
      putBreaks: (_run: RunAt, breaks: readonly JudgedBreak[]) => {
        for (const one of breaks) this.breaks.set(one.break_id, { ...one, outcome: null });
        return Promise.resolve();
      },
      openBreaks: (_tenant, { after = "", limit }) =>
        Promise.resolve(
          [...this.breaks.values()]
            .filter(({ outcome, break_id }) => outcome === null && break_id > after)
            .toSorted((one, other) => (one.break_id < other.break_id ? -1 : 1))
            .flatMap(({ line_id, ...one }) => {
              const latest_ms = Math.max(one.core?.effective_ms ?? 0, one.local?.effective_ms ?? 0);
              return line_id === null ? [] : [{ ...one, line_id, latest_ms }];
            })
            .slice(0, limit),
        ),
      endBreaks: (_tenant, over) => {
        for (const { break_id, outcome } of over) {
          const found = this.breaks.get(break_id);
          if (found !== undefined) found.outcome = outcome;
        }
        return Promise.resolve();
      },
      heal: (_run, breaks) => {
        this.healing.push(...breaks.flat());
        return Promise.resolve();
      },
    } satisfies Partial<ReconcilePorts>;
  }
}

/** As differences.ts keeps it: all that a core tells in a run is as of one state. */
function toldTwice(before: FoundLine["core"] | undefined, now: FoundLine["core"]): boolean {
  const textOf = (core: FoundLine["core"]): string =>
    JSON.stringify(core !== null && core !== CONTRADICTED ? { ...core, updated_ms: 0 } : core);
  return before != null && now !== null && textOf(before) !== textOf(now);
}

const pick = ({ distributor_id, line_id }: LineName): LineName => ({ distributor_id, line_id });

function itemsOf<Item>(
  told:
    | { readonly kind: "all"; readonly items: readonly Item[] }
    | { readonly kind: string; readonly items?: never },
): readonly Item[] {
  if (told.kind !== "all" || told.items === undefined) throw new Error(JSON.stringify(told));
  return told.items;
}

/** As a ledger has them: debit above zero. */
const accountsOf = (id: string, vector: BalanceVector): OwnMoney["balances"] =>
  Object.fromEntries(
    Object.entries(vector).map(([bucket, amounts]) => [
      `dist:${id}:${bucket}`,
      Object.fromEntries(Object.entries(amounts).map(([of, text]) => [of, String(-BigInt(text))])),
    ]),
  );
