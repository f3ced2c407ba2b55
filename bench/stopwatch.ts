/** Messages of one round, and when their consumer began the first batch and ended the last. */
interface Span {
  readonly messages: number;
  readonly batches: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** All messages lie in the queue before the first one is delivered. */
const DELAY_SECONDS = 2;
/** What one `sendBatch` takes, of messages of 2 KB. */
const SEND_MAX = 100;

/** The measuring part of both rigs, so that it weighs the same on both. */
export function createStopwatch() {
  let span: Span | undefined;

  return {
    /** Consumes a batch, and times it. */
    async time(messages: number, consume: () => Promise<unknown>): Promise<void> {
      const startMs = Date.now();
      await consume();
      span = {
        messages: (span?.messages ?? 0) + messages,
        batches: (span?.batches ?? 0) + 1,
        firstMs: span?.firstMs ?? startMs,
        lastMs: Date.now(),
      };
    },

    /** Answers the routes of the benchmark; nothing where it is another route. */
    async answer(request: Request, queue: Queue): Promise<Response | undefined> {
      const { pathname } = new URL(request.url);
      if (pathname === "/bench/span") return Response.json(span ?? { messages: 0 });
      if (pathname !== "/bench/release") return undefined;
      const bodies: readonly unknown[] = await request.json();
      span = undefined;
      for (let at = 0; at < bodies.length; at += SEND_MAX) {
        const part = bodies.slice(at, at + SEND_MAX);
        await queue.sendBatch(
          part.map((body) => ({ body })),
          { delaySeconds: DELAY_SECONDS },
        );
      }
      return Response.json({ sent: bodies.length });
    },
  };
}
