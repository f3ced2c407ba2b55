import { DurableObject } from "cloudflare:workers";
import { CLOSED, probeNow } from "../../core/outbound/breaker.ts";
import { UNUSED } from "../../core/outbound/pace.ts";
import type { DestinationPlace, OutboundPorts } from "../outbound/ports.ts";
import type { Desk, OutboundState } from "../outbound/round.ts";
import { type RoundsEnd, sendRounds } from "../outbound/rounds.ts";

/** The one thing in its storage. */
const STATE = "state";

/** Long enough for an alarm that rings while another one is still at work. */
const BUSY_MS = 1000;

/**
 * One destination of a tenant: how fast it is sent to, how much at once, and when not at all. What is
 * to be sent, and what became of it, is in D1; here are only its pace and its breaker.
 */
export abstract class DestinationObject extends DurableObject {
  readonly #ports: OutboundPorts;
  #isSending = false;
  /** Counts purges: what began before one keeps nothing after it. */
  #era = 0;
  /** Counts what a person has changed, and purges: what is being sent by earlier settings stops. */
  #changes = 0;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, ports: OutboundPorts) {
    super(ctx, env);
    this.#ports = ports;
  }

  /**
   * Something may be due. `isChanged`: a person has changed something about the destination, so that a
   * breaker which is open lets one delivery probe at once.
   */
  async wake(place: DestinationPlace, isChanged = false): Promise<void> {
    const known = this.#state();
    const state = { ...(known ?? { pace: UNUSED, breaker: CLOSED }), place };
    const nowMs = this.#ports.nowMs();
    const woken = isChanged ? changed(state, nowMs) : state;
    if (isChanged) this.#changes += 1;
    // Each write is billed, and mostly nothing is new.
    if (JSON.stringify(woken) !== JSON.stringify(known)) this.ctx.storage.kv.put(STATE, woken);
    await this.#wakeAt(nowMs);
  }

  /** Whether nothing is left of it. */
  async isEmpty(): Promise<boolean> {
    return this.#state() === undefined && (await this.ctx.storage.getAlarm()) === null;
  }

  /** Leaves nothing of the destination: alarm, storage. The same name begins anew. */
  async purge(): Promise<void> {
    this.#era += 1;
    this.#changes += 1;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Sends what is due. One alarm is at it at a time. */
  override async alarm(): Promise<void> {
    if (this.#state() === undefined) return;
    if (this.#isSending) {
      await this.#wakeAt(this.#ports.nowMs() + BUSY_MS);
      return;
    }
    this.#isSending = true;
    const era = this.#era;
    try {
      const end = await sendRounds(this.#ports, this.#deskOf(era));
      // Last, as an alarm that is set is all that wakes it.
      if (era === this.#era) await this.#sleep(end);
    } finally {
      this.#isSending = false;
    }
  }

  async #sleep(end: RoundsEnd): Promise<void> {
    if (end.kind === "wake") await this.#wakeAt(end.atMs);
    // Woken meanwhile, it may have been made again.
    if (end.kind === "removed" && (await this.ctx.storage.getAlarm()) === null) await this.purge();
  }

  /** Has the alarm ring then, or before. */
  async #wakeAt(atMs: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > atMs) await this.ctx.storage.setAlarm(atMs);
  }

  #state(): OutboundState | undefined {
    return this.ctx.storage.kv.get<OutboundState>(STATE);
  }

  #deskOf(era: number): Desk {
    return {
      state: () => {
        const state = this.#state();
        if (state === undefined || era !== this.#era) throw purged();
        return state;
      },
      keep: (state) => {
        if (era !== this.#era) throw purged();
        this.ctx.storage.kv.put(STATE, state);
      },
      written: () => this.ctx.storage.sync(),
      changes: () => this.#changes,
    };
  }
}

/** As a person's change leaves it: one delivery may probe, and D1 is asked whatever was known of it. */
function changed({ lookedMs: _looked, ...state }: OutboundState, nowMs: number): OutboundState {
  return { ...state, breaker: probeNow(state.breaker, nowMs) };
}

const purged = (): Error => new Error("Cannot go on: the object has been purged");
