import type { Runtime } from "./runtime.ts";

const MINUTE_MS = 60_000;

/**
 * Fires `scheduled` once a minute for each cron, as Miniflare never does; one run at a time. Returns
 * what ends it.
 */
export function startCron(runtime: Runtime, crons: readonly string[]): () => void {
  let isRunning = false;
  async function fire(): Promise<void> {
    const worker = await runtime.getWorker();
    for (const cron of crons) await worker.scheduled({ cron, scheduledTime: new Date() });
  }
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    fire()
      .catch((error: unknown) => {
        process.stderr.write(`Cannot run the cron: ${String(error)}\n`);
      })
      .finally(() => {
        isRunning = false;
      });
  }, MINUTE_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
