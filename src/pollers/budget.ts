const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
export const SHARE_DEFAULT = 0.5;

/** What was asked of a product in the last 24 hours: `[hour since 1970, cost]`, the oldest first. */
export type Usage = readonly (readonly [number, number])[];

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

const lately = (usage: Usage, nowMs: number): Usage =>
  usage.filter(([hour]) => hour > hourOf(nowMs) - DAY_HOURS);

/** With `cost` more of it, and without what is older than a day. */
export function spend(usage: Usage, cost: number, nowMs: number): Usage {
  const hour = hourOf(nowMs);
  const kept = lately(usage, nowMs);
  const last = kept.at(-1);
  if (last?.[0] !== hour) return [...kept, [hour, cost]];
  return [...kept.slice(0, -1), [hour, last[1] + cost]];
}

/** What is used of the last 24 hours. */
export const usedOf = (usage: Usage, nowMs: number): number =>
  lately(usage, nowMs).reduce((sum, [, cost]) => sum + cost, 0);

/** When the oldest hour of it falls out of the day. */
export function freedMs(usage: Usage, nowMs: number): number {
  const [oldest] = lately(usage, nowMs);
  return ((oldest?.[0] ?? hourOf(nowMs)) + DAY_HOURS) * HOUR_MS;
}

/** Our part of what a product gives a day; at least one request, or nothing would ever be asked. */
export const allowance = (perDay: number, share: number = SHARE_DEFAULT): number =>
  Math.max(1, Math.floor(perDay * share));
