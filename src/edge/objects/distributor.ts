import { distributorRules } from "../../core/distributor/rules.ts";
import type { Entry } from "../../core/subject/entry.ts";
import { queueOfShard } from "../bindings.ts";
import { readAsk } from "../live.ts";
import { type LiveLog, LiveSockets } from "./live-sockets.ts";
import { SubjectObject } from "./subject-object.ts";

const REMADE_ROWS = 1000;

/** One distributor: strict streams, registers, lines, payouts, balances, profile, and who follows it live. */
export class Distributor extends SubjectObject {
  readonly #live: LiveSockets;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { rules: distributorRules, queueOf: queueOfShard(env) });
    this.#live = new LiveSockets(ctx, () => this.#liveLog());
  }

  #liveLog(): LiveLog | undefined {
    const { log } = this;
    if (log === undefined) return undefined;
    return {
      head: log.position(),
      hashAt: (position) => log.hashAt(position),
      rowsAfter: (position, limit) => log.rowsAfter(position, limit),
      view: log.view(),
      displayName: log.profile()?.displayName,
    };
  }

  override remakeView(): boolean {
    const { log } = this;
    if (log === undefined) return false;
    let view: string | undefined;
    for (let after = 0; after < log.position();) {
      for (const { entry: text, position } of log.rowsAfter(after, REMADE_ROWS)) {
        after = position;
        const { outcome, cause, effects, recorded_ms }: Entry = JSON.parse(text);
        if (outcome !== "applied" && cause === undefined) continue;
        view = distributorRules.evolve(view, effects, recorded_ms);
      }
    }
    if (view === undefined || view === log.view()) return false;
    log.setOwn("view", view);
    return true;
  }

  /** The upgrade of a client that the Worker has let in: see `src/edge/live.ts`. */
  override async fetch(request: Request): Promise<Response> {
    const ask = readAsk(request);
    if (ask === undefined) return new Response(null, { status: 404 });
    const response = this.#live.accept(request, ask);
    if (response.status === 101) await this.wakeAt(ask.untilMs);
    return response;
  }

  override webSocketMessage(socket: WebSocket): void {
    this.#live.heard(socket);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#live.left();
    // RFC 6455 §5.5.1: a Close is answered. What stands for none, or is the protocol's own, is never sent.
    const isOwn = code === 1000 || (code >= 3000 && code <= 4999);
    socket.close(isOwn ? code : 1000, reason);
  }

  override webSocketError(): void {
    this.#live.left();
  }

  protected override logged(): void {
    this.#live.changed();
  }

  protected override dueMs(nowMs: number): number | undefined {
    return this.#live.endsMs(nowMs);
  }

  protected override due(nowMs: number): void {
    this.#live.endOver(nowMs);
  }
}
