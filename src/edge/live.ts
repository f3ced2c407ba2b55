import type { Sight } from "../core/live/change.ts";

/** The one subprotocol of the live feed; a browser brings its credential beside it. */
export const LIVE_PROTOCOL = "upline.live.v1";

/** What a client sends as heartbeat, and what comes back without waking anybody. */
export const PING = "ping";
export const PONG = "pong";

/** Why we close a connection (4000–4999 are an application's own, RFC 6455 §7.4.2). */
export const CLOSE = {
  /** Its time is over, not its reader's fault: connect again with the last id. */
  over: { code: 4000, reason: "Connect again with the last id" },
  /** Too much is under way to a reader that shows no sign of reading. */
  slow: { code: 4008, reason: "Too slow: connect again with the last id" },
  /** A client has nothing to say but {@link PING}. */
  spoke: { code: 1008, reason: `Only "${PING}" is taken` },
} as const;

/** What the Worker tells a distributor's object of a client that it has let in. */
export interface LiveAsk {
  readonly sight: Sight;
  /** The whole status, and of which position it is: what a client begins with. */
  readonly status: object;
  readonly position: number;
  /** The id of the last message that the client has. */
  readonly lastId?: string;
  /** Names the credential, so that no single one takes every place. */
  readonly credential: string;
  /** When the connection ends, at the latest. */
  readonly untilMs: number;
}

/** The header that carries a {@link LiveAsk}: an upgrade has no body. */
const ASK = "Upline-Live-Ask";

/** The request with which the Worker hands a client over to the object. */
export const liveRequest = (ask: LiveAsk, protocol: string | undefined): Request =>
  new Request("https://distributor/live", {
    headers: {
      Upgrade: "websocket",
      [ASK]: Buffer.from(JSON.stringify(ask)).toString("base64"),
      ...(protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol }),
    },
  });

/** Reads what {@link liveRequest} wrote; nothing where the request is none of ours. */
export function readAsk({ headers }: Request): LiveAsk | undefined {
  const text = headers.get(ASK);
  return text === null ? undefined : parseAsk(Buffer.from(text, "base64").toString());
}

// Own text: an object is reached through our Worker alone.
const parseAsk = (text: string): LiveAsk => JSON.parse(text);
