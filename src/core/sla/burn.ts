import type { Tally } from "./counts.ts";
import { goodOf, MILLION, type Objective, OBJECTIVES, ppm } from "./objectives.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Told where in both windows at least so much more is late than may be (DOMAIN §11). */
export interface BurnRule {
  readonly rule: "page_1h" | "page_6h" | "ticket_3d";
  readonly severity: "page" | "ticket";
  /** Millionths: 1 000 000 uses the budget up in just as long as it is for. */
  readonly threshold_ppm: number;
  readonly long_ms: number;
  readonly short_ms: number;
}

/** The gravest first. */
export const BURN_RULES: readonly BurnRule[] = [
  {
    rule: "page_1h",
    severity: "page",
    threshold_ppm: 14_400_000,
    long_ms: HOUR_MS,
    short_ms: 5 * MINUTE_MS,
  },
  {
    rule: "page_6h",
    severity: "page",
    threshold_ppm: 6_000_000,
    long_ms: 6 * HOUR_MS,
    short_ms: 30 * MINUTE_MS,
  },
  {
    rule: "ticket_3d",
    severity: "ticket",
    threshold_ppm: MILLION,
    long_ms: 3 * DAY_MS,
    short_ms: 6 * HOUR_MS,
  },
];

/** Every window that a rule looks at, the shortest first. */
export const WINDOWS: readonly number[] = [
  ...new Set(BURN_RULES.flatMap(({ long_ms, short_ms }) => [long_ms, short_ms])),
].toSorted((a, b) => a - b);

/** With fewer late lines than this in the long window nobody is told, whatever their share. */
const BAD_MIN = 10;

/** How fast the budget of late lines was used up in one window. */
export interface BurnWindow {
  readonly window_ms: number;
  readonly total: number;
  readonly bad: number;
  /** Millionths, rounded down: the late share, by the share that may be late. */
  readonly burn_ppm: number;
}

/** What one rule says of one objective. */
export interface Burn extends Objective, Omit<BurnRule, "long_ms" | "short_ms"> {
  readonly long: BurnWindow;
  readonly short: BurnWindow;
  readonly firing: boolean;
}

/** What every rule says of every objective, by what was counted in each window. */
export const burnsOf = (windows: ReadonlyMap<number, Tally>): readonly Burn[] =>
  OBJECTIVES.flatMap((objective) =>
    BURN_RULES.map(({ long_ms, short_ms, ...rule }) => {
      const long = windowOf(objective, long_ms, windows);
      const short = windowOf(objective, short_ms, windows);
      const isBurning = Math.min(long.burn_ppm, short.burn_ppm) >= rule.threshold_ppm;
      return { ...objective, ...rule, long, short, firing: isBurning && long.bad >= BAD_MIN };
    }),
  );

const NOTHING: Tally = { lines: 0, within: new Map() };

function windowOf(
  objective: Objective,
  window_ms: number,
  windows: ReadonlyMap<number, Tally>,
): BurnWindow {
  const { total, bad } = goodOf(objective, windows.get(window_ms) ?? NOTHING);
  return { window_ms, total, bad, burn_ppm: burnRate(objective, { total, bad }) };
}

/** The late share by the share that may be late, in millionths and rounded down; 0 without a line. */
export const burnRate = (
  { target_ppm }: Pick<Objective, "target_ppm">,
  { total, bad }: { readonly total: number; readonly bad: number },
): number => (total === 0 ? 0 : ppm(bad * MILLION, total * (MILLION - target_ppm)));
