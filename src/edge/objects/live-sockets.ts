import { changeOf, type Sight } from "../../core/live/change.ts";
import { placeId, readPlace, resumesAt } from "../../core/live/place.ts";
import { NOTHING_UNREAD } from "../../core/live/unread.ts";
import type { LogRow } from "../../core/subject/chain.ts";
import { CLOSE, LIVE_PROTOCOL, type LiveAsk, PING, PONG } from "../live.ts";
import { attach, attachedTo, end, sendAll, type Written } from "./live-socket.ts";

/** The platform holds 32,768 a object; what is above this is refused. */
export const SOCKETS_MAX = 20_000;
/** Of one credential: it must leave places to others. */
const SOCKETS_PER_CREDENTIAL_MAX = SOCKETS_MAX / 2;
/** Rows that are sent again to a client that comes back; who lacks more begins anew. */
const RESUMED_ROWS_MAX = 500;
/** Rows that one message is made of. */
const MESSAGE_ROWS_MAX = 100;
/** Sockets that are served in one go: what else the object has to do waits so long, and no longer. */
const SLICE_SOCKETS = 200;
/** Between two slices, and between two rounds: what happens meanwhile goes out together. */
const REST_MS = 4;
const ROUND_REST_MS = 50;
/** Of each socket, besides: where many follow and news does not end, settling has its share of the time. */
const ROUND_REST_SOCKET_MS = 0.05;
/**
 * Connections that end one after the other within this are let go together: an alarm for each of
 * thousands would look through all of them each time. Nothing is sent to one that is over.
 */
const LOOK_MS_MIN = 5_000;

/** The object's own log and summary, as the sockets need them. */
export interface LiveLog {
  readonly head: number;
  readonly hashAt: (position: number) => string | undefined;
  readonly rowsAfter: (position: number, limit: number) => readonly LogRow[];
  readonly view: string | undefined;
  readonly displayName: string | undefined;
}

/**
 * The clients that follow one distributor. What a socket was sent last is attached to it, and the log
 * has what comes after: so nothing is lost by hibernation, and whoever connects while something
 * happens misses none of it. Nothing is buffered for a reader but what its connection holds.
 */
export class LiveSockets {
  readonly #ctx: DurableObjectState;
  readonly #log: () => LiveLog | undefined;
  #isServing = false;
  #isBehind = false;
  /** Places taken, as far as this instance knows; counted anew where it matters. */
  #taken: number;

  constructor(ctx: DurableObjectState, log: () => LiveLog | undefined) {
    this.#ctx = ctx;
    this.#log = log;
    this.#taken = ctx.getWebSockets().length;
    // A reset may have come between a commit and what was to be sent of it.
    if (this.#taken > 0) this.changed();
  }

  /** Takes a client in and tells it where it stands, without a pause in which something could happen. */
  accept(request: Request, ask: LiveAsk): Response {
    const log = this.#log();
    if (log === undefined) return new Response(null, { status: 404 });
    if (this.#isFull(ask.credential)) return new Response(null, { status: 503 });
    const [client, server] = Object.values(new WebSocketPair());
    if (client === undefined || server === undefined) throw new Error("Cannot pair sockets");
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#ctx.acceptWebSocket(server, [ask.credential]);
    this.#taken += 1;
    this.#begin(server, ask, log);
    const offered = request.headers.get("Sec-WebSocket-Protocol");
    const headers = offered === null ? {} : { "Sec-WebSocket-Protocol": LIVE_PROTOCOL };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  #isFull(credential: string): boolean {
    if (this.#taken < SOCKETS_PER_CREDENTIAL_MAX) return false;
    this.#taken = this.#ctx.getWebSockets().length;
    if (this.#taken >= SOCKETS_MAX) return true;
    return this.#ctx.getWebSockets(credential).length >= SOCKETS_PER_CREDENTIAL_MAX;
  }

  #begin(socket: WebSocket, ask: LiveAsk, log: LiveLog): void {
    const { sight, untilMs, lastId } = ask;
    const place = lastId === undefined ? undefined : readPlace(lastId);
    const resumed = place && resumesAt(place, log, RESUMED_ROWS_MAX);
    const isReset = lastId !== undefined && resumed === undefined;
    const first = resumed === undefined ? [statusMessage(ask, log, isReset)] : [];
    const position = resumed ?? ask.position;
    const attached = { sight, untilMs, position, unread: NOTHING_UNREAD };
    attach(socket, attached);
    const messages = [...first, ...messagesAfter(position, log, sight)];
    sendAll(socket, attached, { messages, answeredMs: undefined, nowMs: Date.now() });
  }

  /** Something was logged: whoever follows hears of it, once this call is answered. */
  changed(): void {
    this.#isBehind = true;
    if (this.#isServing || this.#taken === 0) return;
    void this.#serve();
  }

  /** Round after round, as long as there is news; a round takes what has happened by then. */
  async #serve(): Promise<void> {
    this.#isServing = true;
    try {
      await scheduler.wait(0);
      while (this.#isBehind) {
        this.#isBehind = false;
        await this.#serveRound();
        await scheduler.wait(ROUND_REST_MS + ROUND_REST_SOCKET_MS * this.#taken);
      }
    } finally {
      // Not by the caller: news between the last look and then would wait for more news.
      this.#isServing = false;
    }
  }

  async #serveRound(): Promise<void> {
    const sockets = this.#ctx.getWebSockets();
    this.#taken = sockets.length;
    for (let i = 0; i < sockets.length; i += SLICE_SOCKETS) {
      if (i > 0) await scheduler.wait(REST_MS);
      this.#serveSlice(sockets.slice(i, i + SLICE_SOCKETS));
    }
  }

  #serveSlice(sockets: readonly WebSocket[]): void {
    const log = this.#log();
    if (log === undefined) return;
    const nowMs = Date.now();
    const written = new Map<string, readonly Written[]>();
    for (const socket of sockets) {
      const attached = attachedTo(socket);
      if (attached === undefined || attached.position >= log.head) continue;
      const key = `${attached.position} ${JSON.stringify(attached.sight)}`;
      const messages = written.get(key) ?? messagesAfter(attached.position, log, attached.sight);
      written.set(key, messages);
      const answeredMs = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
      try {
        sendAll(socket, attached, { messages, answeredMs, nowMs });
      } catch {
        // It is gone: its client comes again, and finds what it lacks in the log.
      }
    }
  }

  /** When to look again whose time is over; nothing where nobody follows. */
  endsMs(nowMs: number): number | undefined {
    const ends = this.#ctx
      .getWebSockets()
      .filter(({ readyState }) => readyState === WebSocket.OPEN)
      .flatMap((socket) => attachedTo(socket)?.untilMs ?? []);
    if (ends.length === 0) return undefined;
    const next = ends.reduce((least, ms) => Math.min(least, ms));
    return Math.max(next, nowMs + LOOK_MS_MIN);
  }

  /** Lets those go whose time is over. */
  endOver(nowMs: number): void {
    for (const socket of this.#ctx.getWebSockets()) {
      const attached = attachedTo(socket);
      if (attached !== undefined && attached.untilMs <= nowMs) end(socket, attached, CLOSE.over);
    }
  }

  /** A client said something: its heartbeat never gets here, and all else is refused. */
  heard(socket: WebSocket): void {
    const attached = attachedTo(socket);
    if (attached !== undefined) end(socket, attached, CLOSE.spoke);
  }

  left(): void {
    this.#taken = Math.max(0, this.#taken - 1);
  }
}

function statusMessage(ask: LiveAsk, log: LiveLog, isReset: boolean): Written {
  const { status, position } = ask;
  const id = placeId({ position, hash: log.hashAt(position) ?? "" });
  const reset = isReset ? { reset: true } : {};
  return { position, text: JSON.stringify({ type: "status", id, position, ...reset, status }) };
}

function messagesAfter(position: number, log: LiveLog, sight: Sight): readonly Written[] {
  const messages: Written[] = [];
  const { view, displayName } = log;
  const seen = { view, displayName, nowMs: Date.now() };
  let after = position;
  while (after < log.head) {
    const [row, ...rows] = log.rowsAfter(after, MESSAGE_ROWS_MAX);
    if (row === undefined) break;
    const change = changeOf(after, [row, ...rows], seen, sight);
    messages.push({ position: change.position, text: JSON.stringify(change) });
    after = change.position;
  }
  return messages;
}
