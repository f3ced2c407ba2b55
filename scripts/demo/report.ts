import type { Traffic } from "./drive.ts";

const PLAIN_EVERY_MS = 5000;
const LINE_EVERY_MS = 100;
const SHOWN_MAX = 20;

/** Says how far it is: one line that changes on a terminal, a plain one now and then elsewhere. */
export function createProgress() {
  const { isTTY } = process.stdout;
  let shownMs = -Infinity;
  return {
    show: (text: string) => {
      const nowMs = performance.now();
      if (nowMs - shownMs < (isTTY ? LINE_EVERY_MS : PLAIN_EVERY_MS)) return;
      shownMs = nowMs;
      process.stdout.write(isTTY ? `\r\u001B[K${text}` : `${text}\n`);
    },
    end: (text: string) => {
      shownMs = -Infinity;
      process.stdout.write(isTTY ? `\r\u001B[K${text}\n` : `${text}\n`);
    },
  };
}

/** The value that this share of them does not exceed. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export interface Findings {
  readonly traffic: Traffic;
  readonly outcomes: ReadonlyMap<string, string>;
  readonly mismatches: readonly string[];
  /** From the first delivery until nothing was under way. */
  readonly tookMs: number;
}

/** The table at the end, and what does not match. */
export function printReport({ traffic, outcomes, mismatches, tookMs }: Findings): void {
  const { sent, accepted, refused, retried, latenciesMs, promised } = traffic;
  const counts = new Map<string, number>();
  for (const name of promised) {
    const outcome = outcomes.get(name) ?? "none";
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  const sentMs = traffic.endedMs - traffic.startedMs;
  const rows: readonly (readonly [string, string])[] = [
    ["deliveries sent", String(sent)],
    ["  accepted (202)", String(accepted)],
    ["  refused (400, 401, 422)", String(refused)],
    ["  sent again (429, 503)", String(retried)],
    ["events promised", String(promised.size)],
    ...[...counts].map(([outcome, count]) => [`  ${outcome}`, String(count)] as const),
    ["duplicates without effect", String(traffic.repeated)],
    ["202 within, p50", `${percentile(latenciesMs, 0.5).toFixed(1)} ms`],
    ["202 within, p99", `${percentile(latenciesMs, 0.99).toFixed(1)} ms`],
    ["deliveries a second", (sent / (sentMs / 1000)).toFixed(0)],
    ["events mirrored a second", (promised.size / (tookMs / 1000)).toFixed(0)],
    ["mismatches", String(mismatches.length)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) {
    process.stdout.write(`${name.padEnd(width)}  ${value.padStart(10)}\n`);
  }
  for (const mismatch of mismatches.slice(0, SHOWN_MAX)) process.stdout.write(`! ${mismatch}\n`);
  if (mismatches.length > SHOWN_MAX) {
    process.stdout.write(`! and ${mismatches.length - SHOWN_MAX} more\n`);
  }
}
