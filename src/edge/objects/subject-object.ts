import { DurableObject } from "cloudflare:workers";
import { gapDueMs, gapStageAt } from "../../core/ordering/gap.ts";
import { GENESIS } from "../../core/subject/chain.ts";
import type { Rules } from "../../core/subject/rules.ts";
import {
  type Desk,
  settle,
  settleAgain,
  settleDue,
  settleMove,
  settleSatisfied,
  type Settlement,
} from "../../core/subject/settle.ts";
import type { Fact, Profile } from "../../core/subject/state.ts";
import { log } from "../log.ts";
import type { Message } from "../message.ts";
import type { Want } from "../../core/subject/surroundings.ts";
import type {
  LogChecked,
  Mirrored,
  SubjectCall,
  SubjectReply,
  SubjectView,
  Tail,
} from "../subject.ts";
import { brokenBehind, LogChecking } from "./log-checking.ts";
import { type OpenGap, SqlStore } from "./sql-store.ts";
import { hasTables, prepareTables } from "./tables.ts";

/** Rows of a log handed out at once: far below the 32 MiB that one call may carry. */
export const TAIL_ROWS_MAX = 500;

/** The runtime gives an alarm up that throws six times: within two minutes. */
const TELL_AGAIN_MS = 30_000;

/** Where an alarm's message goes: the queue of the tenant's shard. */
export type QueueOf = (shard: number) => Queue<Message>;

/**
 * One subject's serial place: it decides its events one at a time, in one transaction each, and
 * its hash-chained log is the outbox from which D1 is written (DESIGN «The log is the outbox»).
 */
export abstract class SubjectObject extends DurableObject {
  #opened: SqlStore | undefined;
  readonly #checking = new LogChecking();
  readonly #rules: Rules;
  readonly #queueOf: QueueOf;

  constructor(
    ctx: DurableObjectState,
    env: Cloudflare.Env,
    { rules, queueOf }: { readonly rules: Rules; readonly queueOf: QueueOf },
  ) {
    super(ctx, env);
    this.#rules = rules;
    this.#queueOf = queueOf;
    if (hasTables(ctx.storage)) this.#open();
    // A fired alarm is used up, and a reset can eat the moment that sets the next one.
    if (this.#hasGaps) void ctx.blockConcurrencyWhile(() => this.#wakeForGaps());
  }

  #open(): SqlStore {
    if (this.#opened === undefined) {
      prepareTables(this.ctx.storage);
      this.#opened = new SqlStore(this.ctx.storage);
    }
    return this.#opened;
  }

  /** The log as it stands, read only; nothing of a subject that nothing was ever written of. */
  protected get log(): SqlStore | undefined {
    return this.#opened;
  }

  /** Called after rows were committed: what hangs on them must not hold up who brought them. */
  protected logged(): void {}

  /** When the object has something of its own to do, beside gaps, once the alarm has rung. */
  protected dueMs(_nowMs: number): number | undefined {
    return undefined;
  }

  /** Does what the alarm was set for, as far as it is time. */
  protected due(_nowMs: number): void {}

  #desk(store: SqlStore): Desk {
    return { store, rules: this.#rules, nowMs: Date.now() };
  }

  /** Settles events and hands out the whole log after what D1 has, whatever caused it. */
  async settle(call: SubjectCall): Promise<SubjectReply> {
    const store = this.#open();
    const { position, head } = call.mirrored;
    const before = store.position();
    if (store.hashAt(position) !== head) return { kind: "forked", position: before };
    const broken = brokenBehind(store, call.mirrored, TAIL_ROWS_MAX);
    if (broken !== undefined) return { kind: "broken", position: broken };

    const wants = new Map<string, Want>();
    const around = call.surroundings === undefined ? {} : { surroundings: call.surroundings };
    const wanted = (eventId: string, want: Want) => wants.set(eventId, want);
    const desk = { ...this.#desk(store), ...around, wanted };
    const work = () => settleAll(store, call, desk);
    // An event that fails takes nothing else with it: then each has a transaction of its own.
    const settlements = store.jointly(work, isSettled) ?? work();
    // Only an alarm has to know who it is and where its message goes.
    if (this.#hasGaps) {
      remember(store, call);
      await this.#wakeForGaps();
    }
    if (store.position() > before) this.logged();
    return {
      kind: "settled",
      settlements,
      wants: [...wants].map(([eventId, want]) => ({ eventId, want })),
      tail: this.logAfter(position),
    };
  }

  /** A page of the log. Not `tail`: the runtime knows a handler of that name. */
  logAfter(after: number): Tail {
    const store = this.#open();
    const rows = store.rowsAfter(after, TAIL_ROWS_MAX);
    const last = rows.at(-1)?.position ?? after;
    const more = last < store.position();
    return { rows, more, ...(more ? {} : { view: viewOf(store) }) };
  }

  /** Computes the log again up to a position, in parts: ask again while there is more. */
  check(upTo: number): LogChecked {
    const store = this.#opened;
    return this.#checking.next(store, upTo, () => (store === undefined ? {} : viewOf(store)));
  }

  /** Makes the summary anew of the whole log, where the log alone makes it; answers whether it said otherwise. */
  remakeView(): boolean {
    return false;
  }

  head(): Mirrored {
    const { position, hash } = this.#opened?.head() ?? { position: 0, hash: GENESIS };
    return { position, head: hash };
  }

  /** Leaves nothing of the subject: sockets, alarm, storage. The same name begins anew. */
  async purge(): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) socket.close(1001, "The company has left");
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#opened = undefined;
  }

  /** The subject as the object itself knows it: a read that no mirror can make stale. */
  current(): SubjectView & { readonly profile?: Profile; readonly position: number } {
    const store = this.#opened;
    if (store === undefined) return { position: 0 };
    const profile = store.profile();
    return {
      ...viewOf(store),
      ...(profile === undefined ? {} : { profile }),
      position: store.position(),
    };
  }

  /** What the subject keeps under a fact's key. */
  factOf(key: string): Fact | undefined {
    return this.#opened?.fact(key);
  }

  get #hasGaps(): boolean {
    return (this.#opened?.openGaps() ?? []).length > 0;
  }

  async #wakeForGaps(): Promise<void> {
    const gaps = this.#opened?.openGaps() ?? [];
    const due = gaps.flatMap(({ stream }) => gapDueMs(stream.gap) ?? []);
    if (due.length > 0) await this.wakeAt(Math.min(...due));
  }

  /** Has the alarm ring then, or before. */
  protected async wakeAt(next: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > next) await this.ctx.storage.setAlarm(next);
  }

  /** A gap's time is up: the log says so, and a message has it mirrored. */
  override async alarm(): Promise<void> {
    const store = this.#open();
    const desk = this.#desk(store);
    this.due(desk.nowMs);
    const before = store.position();
    for (const gap of store.openGaps()) {
      settleDue(gap, desk);
      report(store, gap, desk.nowMs);
    }
    if (store.position() > before) this.logged();
    await this.#wakeForGaps();
    const due = this.dueMs(desk.nowMs);
    if (due !== undefined) await this.wakeAt(due);
    await this.#tell(store);
  }

  /** Has what the log has by now mirrored. A queue that is out takes it later, however long it is out. */
  async #tell(store: SqlStore): Promise<void> {
    const place = placeOf(store);
    if (place === undefined) return;
    const { tenant, subject, shard } = place;
    try {
      await this.#queueOf(shard).send({ kind: "subject", tenant, subject });
    } catch (error) {
      log("warn", "alarm_not_told", { tenant, subject, error });
      await this.wakeAt(Date.now() + TELL_AGAIN_MS);
    }
  }
}

const isSettled = (settlements: readonly Settlement[]): boolean =>
  settlements.every(({ kind }) => kind !== "failed");

function settleAll(store: SqlStore, call: SubjectCall, desk: Desk): readonly Settlement[] {
  for (const eventId of call.discard ?? []) store.discard(eventId);
  for (const gap of store.openGaps()) settleDue(gap, desk);
  for (const move of call.moves ?? []) settleMove(move, desk);
  const settlements = call.arrivals.map((arrival) => settle(arrival, desk));
  for (const eventId of call.redrive ?? []) settleAgain(eventId, desk);
  settleSatisfied(desk);
  return settlements;
}

function viewOf(store: SqlStore): SubjectView {
  const view = store.view();
  const displayName = store.profile()?.displayName;
  return {
    ...(view === undefined ? {} : { view }),
    ...(displayName === undefined ? {} : { displayName }),
  };
}

type Place = Pick<SubjectCall, "tenant" | "subject" | "shard">;

/** Keeps what the alarm has to say who it is and where its message goes. */
function remember(store: SqlStore, { tenant, subject, shard }: Place): void {
  const place = JSON.stringify({ tenant, subject, shard });
  if (store.own("place") !== place) store.setOwn("place", place);
}

function placeOf(store: SqlStore): Place | undefined {
  const place = store.own("place");
  return place === undefined ? undefined : JSON.parse(place);
}

function report(store: SqlStore, { source, epoch }: OpenGap, nowMs: number): void {
  const id = { source, epoch };
  const stream = store.stream(id);
  if (stream?.gap === undefined) return;
  const { gap, next } = stream;
  const stage = gapStageAt(gap, nowMs);
  if (stage === gap.stage || stage === "open") return;
  // Nothing buffered, or a release that keeps failing: then it is the next event that is missed.
  const first = store.firstBuffered(id, next) ?? next + 1;
  const range = { from_seq: next, to_seq: first - 1, since_ms: gap.sinceMs };
  store.commit({ recorded_ms: nowMs, effects: { gaps: [{ ...id, ...range, stage }] } }, [
    { put: "stream", id, stream: { ...stream, gap: { ...gap, stage } } },
  ]);
  if (stage !== "alert") return;
  // Here and nowhere else: the stage is reached once, whoever reads of it how often.
  const { tenant, subject } = placeOf(store) ?? {};
  log("error", "gap_open", { alert: true, tenant, subject, ...id, ...range });
}
