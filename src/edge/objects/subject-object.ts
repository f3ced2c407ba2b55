import { DurableObject } from "cloudflare:workers";
import { gapDueMs, gapStageAt } from "../../core/ordering/gap.ts";
import type { Rules } from "../../core/subject/rules.ts";
import { type Desk, settle, settleAgain, settleDue } from "../../core/subject/settle.ts";
import type { Profile } from "../../core/subject/state.ts";
import type { Message } from "../message.ts";
import type { Mirrored, SubjectCall, SubjectReply, SubjectView, Tail } from "../subject.ts";
import { type OpenGap, SqlStore } from "./sql-store.ts";
import { prepareTables } from "./tables.ts";

/** Rows of a log handed out at once: far below the 32 MiB that one call may carry. */
export const TAIL_ROWS_MAX = 500;

/** Where an alarm's message goes: the queue of the tenant's shard. */
export type QueueOf = (shard: number) => Queue<Message>;

/**
 * One subject's serial place: it decides its events one at a time, in one transaction each, and
 * its hash-chained log is the outbox from which D1 is written (DESIGN «The log is the outbox»).
 */
export abstract class SubjectObject extends DurableObject {
  readonly #store: SqlStore;
  readonly #rules: Rules;
  readonly #queueOf: QueueOf;

  constructor(
    ctx: DurableObjectState,
    env: Cloudflare.Env,
    { rules, queueOf }: { readonly rules: Rules; readonly queueOf: QueueOf },
  ) {
    super(ctx, env);
    prepareTables(ctx.storage);
    this.#store = new SqlStore(ctx.storage);
    this.#rules = rules;
    this.#queueOf = queueOf;
    // A fired alarm is used up, and a reset can eat the moment that sets the next one.
    void ctx.blockConcurrencyWhile(() => this.#wakeForGaps());
  }

  #desk(): Desk {
    return { store: this.#store, rules: this.#rules, nowMs: Date.now() };
  }

  /** Settles events and hands out the whole log after what D1 has, whatever caused it. */
  async settle(call: SubjectCall): Promise<SubjectReply> {
    if (this.#hasForked(call.mirrored)) {
      return { kind: "forked", position: this.#store.position() };
    }
    this.#remember(call);
    for (const eventId of call.discard ?? []) this.#store.discard(eventId);
    const desk = this.#desk();
    for (const gap of this.#store.openGaps()) settleDue(gap, desk);
    const settlements = call.arrivals.map((arrival) => settle(arrival, desk));
    for (const eventId of call.redrive ?? []) {
      const settlement = settleAgain(eventId, desk);
      if (settlement !== undefined) settlements.push(settlement);
    }
    await this.#wakeForGaps();
    return { kind: "settled", settlements, tail: this.tail(call.mirrored.position) };
  }

  tail(after: number): Tail {
    const rows = this.#store.rowsAfter(after, TAIL_ROWS_MAX);
    const last = rows.at(-1)?.position ?? after;
    const more = last < this.#store.position();
    return { rows, more, ...(more ? {} : { view: this.#view() }) };
  }

  head(): Mirrored {
    const { position, hash } = this.#store.head();
    return { position, head: hash };
  }

  /** The subject as the object itself knows it: a read that no mirror can make stale. */
  current(): SubjectView & { readonly profile?: Profile; readonly position: number } {
    const profile = this.#store.profile();
    return {
      ...this.#view(),
      ...(profile === undefined ? {} : { profile }),
      position: this.#store.position(),
    };
  }

  #view(): SubjectView {
    const view = this.#store.view();
    const displayName = this.#store.profile()?.displayName;
    return {
      ...(view === undefined ? {} : { view }),
      ...(displayName === undefined ? {} : { displayName }),
    };
  }

  #hasForked({ position, head }: Mirrored): boolean {
    return this.#store.hashAt(position) !== head;
  }

  #remember({ tenant, subject, shard }: SubjectCall): void {
    const place = JSON.stringify({ tenant, subject, shard });
    if (this.#store.own("place") !== place) this.#store.setOwn("place", place);
  }

  async #wakeForGaps(): Promise<void> {
    const due = this.#store.openGaps().flatMap(({ stream }) => gapDueMs(stream.gap) ?? []);
    if (due.length === 0) return;
    const next = Math.min(...due);
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > next) await this.ctx.storage.setAlarm(next);
  }

  /** A gap's time is up: the log says so, and a message has it mirrored. */
  override async alarm(): Promise<void> {
    const desk = this.#desk();
    for (const gap of this.#store.openGaps()) {
      settleDue(gap, desk);
      this.#report(gap, desk.nowMs);
    }
    const place = this.#store.own("place");
    if (place !== undefined) {
      const { tenant, subject, shard } = JSON.parse(place);
      await this.#queueOf(shard).send({ kind: "subject", tenant, subject });
    }
    await this.#wakeForGaps();
  }

  #report({ source, epoch }: OpenGap, nowMs: number): void {
    const id = { source, epoch };
    const stream = this.#store.stream(id);
    if (stream?.gap === undefined) return;
    const { gap, next } = stream;
    const stage = gapStageAt(gap, nowMs);
    const first = this.#store.firstBuffered(id, next - 1);
    if (stage === gap.stage || stage === "open" || first === undefined || first === next) return;
    const range = { from_seq: next, to_seq: first - 1, since_ms: gap.sinceMs };
    this.#store.commit({ recorded_ms: nowMs, effects: { gaps: [{ ...id, ...range, stage }] } }, [
      { put: "stream", id, stream: { ...stream, gap: { ...gap, stage } } },
    ]);
  }
}
