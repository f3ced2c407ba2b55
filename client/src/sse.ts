import type { Line } from "./line.ts";

/** One event of a stream (WHATWG HTML §9.2). */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The last id that the stream gave, this event's or an earlier one's; "" before any. */
  readonly id: string;
}

export interface StreamState {
  /** What a connection that is opened anew gives as `Last-Event-ID`. */
  lastId: string;
  /** Milliseconds to wait before it is opened anew, where the server said so. */
  retryMs: number | undefined;
  /** Comments read so far: the server is there, and has nothing to tell. */
  beats: number;
}

/** Longer lines are no event of ours: the stream is broken. */
const LINE_CHARS_MAX = 1024 * 1024;

/** Reads an event stream to its end, or to that of its line, and keeps in `state` where it was. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  state: StreamState,
  { hear }: Pick<Line, "hear">,
): AsyncGenerator<StreamEvent, void, undefined> {
  const event = { type: "", data: [] as string[], id: state.lastId };
  for await (const line of linesOf(body, hear)) {
    if (line === "") {
      const data = event.data.join("\n");
      const type = event.type === "" ? "message" : event.type;
      const hasData = event.data.length > 0;
      event.type = "";
      event.data = [];
      // Not before: the id of an event that was cut off would leave it out for ever.
      state.lastId = event.id;
      if (hasData) yield { type, data, id: state.lastId };
      continue;
    }
    take(line, event, state);
  }
}

function take(
  line: string,
  event: { type: string; data: string[]; id: string },
  state: StreamState,
): void {
  const colon = line.indexOf(":");
  if (colon === 0) state.beats += 1;
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (name === "data") event.data.push(value);
  else if (name === "event") event.type = value;
  else if (name === "id" && !value.includes("\0")) event.id = value;
  else if (name === "retry" && /^\d+$/.test(value)) state.retryMs = Number(value);
}

/** Lines end with LF, CR, or both, which may come in two pieces. */
async function* linesOf(
  body: ReadableStream<Uint8Array>,
  hear: Line["hear"],
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  // It also takes a byte order mark away at the very beginning.
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await hear(reader.read());
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A CR at the end of a piece may have its LF in the next.
      const isOpen = !done && rest.endsWith("\r");
      const lines = (isOpen ? rest.slice(0, -1) : rest).split(/\r\n|\n|\r/);
      rest = (lines.pop() ?? "") + (isOpen ? "\r" : "");
      yield* lines;
      if (rest.length > LINE_CHARS_MAX) throw new Error("A line of the stream is too long");
      if (done) return;
    }
  } finally {
    // Also where whoever iterates stops early: the connection is let go. A dead one may never say so.
    reader.cancel().catch(() => {});
  }
}
