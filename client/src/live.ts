import { type Line, openLine } from "./line.ts";
import { type problemOf } from "./problem.ts";
import { readEvents, type StreamState } from "./sse.ts";

/** What a distributor's live stream tells: its place in the stream, and what changed. */
export interface LiveEvent {
  /** `status`: all of it; `change`: what is otherwise now; others may come. */
  readonly type: string;
  /** Where the stream goes on: what {@link LiveOptions.lastId} takes. */
  readonly id: string;
  readonly data: unknown;
}

export interface LiveOptions {
  /** Goes on behind this event, one seen in an earlier stream; from now where absent. */
  readonly lastId?: string;
  readonly signal?: AbortSignal;
  /**
   * How long a connection may be silent, in milliseconds, before it is taken for dead and another
   * one is opened; 37 500 where absent, `Infinity` waits for ever. The gateway says something every
   * 15 s.
   */
  readonly silenceMs?: number;
}

export interface LiveParts {
  /** Opens the stream, until the signal; answers that are no stream come as they are. */
  readonly open: (
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<Response>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly problemOf: typeof problemOf;
}

/** Connections that fail one after the other before the last failure is thrown. */
const FAILURES_MAX = 10;
const WAIT_MS = 1000;
const WAIT_MS_MAX = 30_000;
/** Two and a half beats of the gateway: one may be late, and one may be lost on the way. */
export const SILENCE_MS = 37_500;

/**
 * Follows a stream of events for as long as somebody iterates, over as many connections as that
 * takes: each is opened behind the last event that was seen, so that nothing is missed and nothing
 * comes twice. Ends with the signal; throws the gateway's refusal, and the last of many failures.
 */
export async function* follow(
  parts: LiveParts,
  { lastId = "", signal = new AbortController().signal, ...options }: LiveOptions = {},
): AsyncGenerator<LiveEvent, void, undefined> {
  const silenceMs = silenceOf(options);
  const state: StreamState = { lastId, retryMs: undefined, beats: 0 };
  let failures = 0;
  while (!signal.aborted) {
    let failure = new Error("The stream ends at once, each time");
    const { beats } = state;
    try {
      for await (const event of connect(parts, state, openLine(signal, silenceMs))) {
        failures = 0;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      failure = failureOf(error);
    }
    // Where nothing happens a connection only beats, and is ended by the gateway all the same.
    failures = state.beats > beats ? 1 : failures + 1;
    if (failures > FAILURES_MAX) throw failure;
    await parts.pause(waitMs(state, failures, parts.random), signal).catch(() => {});
  }
}

function silenceOf({ silenceMs = SILENCE_MS }: Pick<LiveOptions, "silenceMs">): number {
  if (silenceMs > 0) return silenceMs;
  throw new RangeError(`silenceMs must be above 0, not ${silenceMs}`);
}

/** One connection, until it ends. */
async function* connect(
  { open, problemOf: problemIn }: LiveParts,
  state: StreamState,
  line: Line,
): AsyncGenerator<LiveEvent, void, undefined> {
  try {
    const response = await line.hear(open(headersAt(state), line.signal));
    if (!response.ok || response.body === null) throw await line.hear(problemIn(response));
    for await (const { type, data, id } of readEvents(response.body, state, line)) {
      yield { type, id, data: parse(data) };
    }
  } finally {
    line.close();
  }
}

/** What is worth another attempt; a refusal is thrown: the gateway would say the same again. */
function failureOf(error: unknown): Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  if (isRefusal(failure)) throw failure;
  return failure;
}

function waitMs({ retryMs = WAIT_MS }: StreamState, failures: number, random: () => number) {
  return Math.min(retryMs * 2 ** (failures - 1), WAIT_MS_MAX) * (0.5 + random() / 2);
}

const headersAt = ({ lastId }: StreamState): Readonly<Record<string, string>> => ({
  Accept: "text/event-stream",
  ...(lastId === "" ? {} : { "Last-Event-ID": lastId }),
});

// Who asks must change something; 408 and 429 pass by themselves.
function isRefusal(error: Error): boolean {
  const { status } = Object(error);
  return (
    typeof status === "number" && status >= 400 && status < 500 && ![408, 429].includes(status)
  );
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
