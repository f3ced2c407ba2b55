import { PING, PONG } from "../live.ts";

/** Bytes that wait for a reader here, beside what its connection holds; who lets more wait is dropped. */
const WAITING_BYTES_MAX = 256 * 1024;
/**
 * Below the half minute after which proxies take a silent connection for a dead one. Clients count
 * on it: client/src/live.ts.
 */
export const BEAT_MS = 15_000;
/** After so much the object has to hear that it is read, without waiting for the next beat. */
const CONFIRM_CHARS = 256 * 1024;
/** How long an EventSource waits before it comes again. */
const RETRY_MS = 2000;

const HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  // What nginx and its like would hold back otherwise.
  "X-Accel-Buffering": "no",
};

/**
 * Server-Sent Events of a live socket. The object sees a WebSocket either way, and can hibernate:
 * what holds the stream open is the Worker. A reader that does not take its bytes ends it.
 */
export function streamOf(
  socket: WebSocket,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const encoder = new TextEncoder();
  let beat: ReturnType<typeof setInterval> | undefined;
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearInterval(beat);
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string): void => {
          if (isOver) return;
          if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(encoder.encode(text));
          stop();
          socket.close(1000, "Too slow");
          // It still gets what waits for it, and goes on behind that when it comes again.
          controller.close();
        };
        let unconfirmed = 0;
        socket.addEventListener("message", ({ data }) => {
          if (typeof data !== "string" || data === PONG) return;
          write(frameOf(data));
          unconfirmed += data.length;
          if (isOver || unconfirmed < CONFIRM_CHARS) return;
          unconfirmed = 0;
          socket.send(PING);
        });
        const finish = () => {
          if (isOver) return;
          stop();
          controller.close();
        };
        socket.addEventListener("close", finish);
        socket.addEventListener("error", finish);
        socket.accept();
        write(`retry: ${RETRY_MS}\n\n`);
        beat = setInterval(() => {
          write(": beat\n\n");
          if (!isOver) socket.send(PING);
        }, BEAT_MS);
      },
      cancel() {
        if (isOver) return;
        stop();
        socket.close(1000, "The reader left");
      },
    },
    { highWaterMark: WAITING_BYTES_MAX, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  return new Response(body, { headers: { ...HEADERS, ...headers } });
}

/** One message as an event; JSON has no line breaks of its own. */
function frameOf(text: string): string {
  const { id, type }: { readonly id: string; readonly type: string } = JSON.parse(text);
  return `event: ${type}\nid: ${id}\ndata: ${text}\n\n`;
}
