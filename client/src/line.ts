/** One connection, for as long as somebody waits at it. */
export interface Line {
  /** Aborted when the connection is given up: it belongs into the request. */
  readonly signal: AbortSignal;
  /** What comes next. Gives the connection up where nothing does for too long, and rejects then. */
  hear<Next>(next: Promise<Next>): Promise<Next>;
  /** Gives the connection up. */
  close(): void;
}

/** The longest that timers take; beyond it they would go off at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * A line that ends with `signal`, and after `silenceMs` in which nothing is heard: of a connection
 * that has died without a word nobody else tells. Only waiting counts: whoever is slow to come back
 * for more finds what has arrived meanwhile.
 */
export function openLine(signal: AbortSignal, silenceMs: number): Line {
  const line = new AbortController();
  const end = (): void => line.abort(signal.reason);
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });

  return {
    signal: line.signal,
    hear(next) {
      return new Promise((resolve, reject) => {
        const giveUp = (): void => {
          line.abort(new Error(`The stream was silent for ${silenceMs} ms`));
        };
        const timer = silenceMs <= TIMER_MS_MAX ? setTimeout(giveUp, silenceMs) : undefined;
        const fail = (): void => reject(line.signal.reason);
        if (line.signal.aborted) fail();
        line.signal.addEventListener("abort", fail, { once: true });
        const settled = (): void => {
          clearTimeout(timer);
          line.signal.removeEventListener("abort", fail);
        };
        next.then(resolve, reject).finally(settled);
      });
    },
    close() {
      signal.removeEventListener("abort", end);
      line.abort();
    },
  };
}
