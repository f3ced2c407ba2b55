import { type Burn, burnsOf } from "./burn.ts";
import { type Counts, mergeCounts, type Tally } from "./counts.ts";

export const HOUR_MS = 3_600_000;

/** What was counted of the lines of a tenant, up to a moment. */
export interface Looked {
  /** By window, milliseconds. */
  readonly windows: ReadonlyMap<number, Tally>;
  /** Since the day began, UTC. */
  readonly day: { readonly since_ms: number; readonly lines: number; readonly good: Goods };
}

/** Lines visible in time, by milliseconds. */
type Goods = Readonly<Record<string, number>>;

/** An objective that is missed fast enough for somebody to be told. */
export interface Burning {
  readonly within_ms: number;
  /** The gravest of the rules that say so. */
  readonly rule: Burn["rule"];
  readonly severity: Burn["severity"];
  readonly since_ms: number;
}

/** How a tenant's objectives stand: kept, so that alerts and metrics read one row. */
export interface Standing {
  readonly burns: readonly Burn[];
  readonly burning: readonly Burning[];
  readonly day: Looked["day"];
}

/** What was kept of it; nothing of what somebody spoilt by hand. */
export function keptStanding({ burns, burning, day }: Partial<Standing>): Standing | undefined {
  if (burns === undefined || burning === undefined || day === undefined) return undefined;
  return { burns, burning, day };
}

/**
 * Whether it stays as it is for as long as no line comes: nothing late is in a window that could leave
 * it, and the day is still the same. Totals alone tell nothing.
 */
export const isAtRest = ({ burns, day }: Standing, dayMs: number): boolean =>
  day.since_ms === dayMs &&
  burns.every(({ long, short }) => long.burn_ppm === 0 && short.burn_ppm === 0);

/** How they stand now, who begins to burn or burns worse, and who has ceased to. */
export function standingOf(
  { windows, day }: Looked,
  { before, nowMs }: { readonly before: Standing | undefined; readonly nowMs: number },
): { readonly standing: Standing; readonly begun: readonly Burning[]; readonly ended: Burning[] } {
  const burns = burnsOf(windows);
  const known = new Map(before?.burning.map((one) => [one.within_ms, one]));
  const gravest = new Map<number, Burn>();
  // The gravest rule comes first.
  for (const burn of burns) {
    if (burn.firing && !gravest.has(burn.within_ms)) gravest.set(burn.within_ms, burn);
  }
  const burning = [...gravest.values()].map(({ within_ms, rule, severity }) => {
    return { within_ms, rule, severity, since_ms: known.get(within_ms)?.since_ms ?? nowMs };
  });
  return {
    standing: { burns, burning, day },
    begun: burning.filter((one) => isWorse(one, known.get(one.within_ms))),
    ended: [...known.values()].filter(({ within_ms }) => !gravest.has(within_ms)),
  };
}

const isWorse = ({ severity }: Burning, before: Burning | undefined): boolean =>
  before === undefined || (severity === "page" && before.severity !== "page");

/** Counts of one minute. */
export interface Minute {
  readonly minute_ms: number;
  readonly counts: Counts;
}

/** The hour that a moment is in. */
export const hourOf = (ms: number): number => ms - (ms % HOUR_MS);

/** The minutes of one hour as its first: in any order, and folded once more, the same. */
export const foldHour = (hourMs: number, minutes: readonly Minute[]): Minute => ({
  minute_ms: hourMs,
  counts: mergeCounts(minutes.map(({ counts }) => counts)),
});
