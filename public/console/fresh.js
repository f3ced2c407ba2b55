import { waitMs } from "./model.js";

/**
 * Reads again and again while somebody looks: not while the page is hidden, seldom after failures, and
 * no more once `signal` is aborted or `read` answers `"over"`. `read` answers nothing where all went
 * well, and `{retryMs}` where it did not.
 */
export async function keepFresh(read, signal, tell = () => {}) {
  let failures = 0;
  for (;;) {
    const failed = await read();
    if (signal.aborted || failed === "over") return;
    failures = failed === undefined ? 0 : failures + 1;
    const ms = waitMs(failures, Math.random(), failed?.retryMs);
    tell(failed === undefined ? undefined : ms);
    await pause(ms, signal);
    await seen(signal);
    if (signal.aborted) return;
  }
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}

/** Resolves when the page is looked at. */
function seen(signal) {
  if (document.visibilityState === "visible") return undefined;
  return new Promise((resolve) => {
    const look = () => {
      if (document.visibilityState !== "visible" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
  });
}
