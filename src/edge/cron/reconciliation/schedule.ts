const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How often each kind of run begins: DOMAIN §8. */
const EVERY_MS = { window: 15 * MINUTE_MS, lines: 7 * DAY_MS } as const;

export type ScheduledKind = keyof typeof EVERY_MS;

/** When a run of each kind last began; those that never did are absent. */
export type LastRuns = ReadonlyMap<string, number>;

/**
 * The kind of run that is due for a tenant, if one is: the rarer first, as it covers the other. A
 * tenant has one run at a time, so that a skipped or doubled minute changes nothing.
 */
export function dueKind(last: LastRuns, nowMs: number): ScheduledKind | undefined {
  const isDue = (kind: ScheduledKind) => nowMs - (last.get(kind) ?? -Infinity) >= EVERY_MS[kind];
  // A new tenant's first run is a short one: its history is looked at once that has worked.
  if (!last.has("window")) return "window";
  if (isDue("lines")) return "lines";
  return isDue("window") ? "window" : undefined;
}
