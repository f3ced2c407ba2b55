import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const ANSWER_MS_MAX = 2000;

/** Marks a state directory as in use. Two runtimes on one SQLite file would corrupt it. */
export async function holdState(stateDir: string) {
  const file = path.join(stateDir, "gateway.url");
  const holder = readHolder(file);
  if (holder !== undefined && (await answers(holder))) {
    throw new Error(`Cannot use state directory "${stateDir}": a gateway runs on it at ${holder}`);
  }
  return {
    hold: (url: string) => {
      writeFileSync(file, url);
    },
    free: () => {
      rmSync(file, { force: true });
    },
  };
}

function readHolder(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** A process id could be anybody's after a reboot: only one that answers is believed. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return response.ok;
  } catch {
    return false;
  }
}
