import { parseInstantOrDay } from "#src/core/contracts/instant.ts";
import type { Plan } from "#src/core/plans/plan.ts";

/** `numerator / denominator`, both at least 0, rounded once. */
export function divide(numerator: bigint, denominator: bigint, rounding: Plan["rounding"]): bigint {
  const whole = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (rounding === "down" || twice < denominator) return whole;
  if (twice > denominator || rounding === "half_up") return whole + 1n;
  return whole % 2n === 0n ? whole : whole + 1n;
}

export function msOf(text: string): number {
  const ms = parseInstantOrDay(text);
  if (ms === undefined) throw new Error(`No instant: ${text}`);
  return ms;
}

/** Of the versions in force at an instant, the one that came into force last. */
export function planAt(plans: readonly Plan[], ms: number): Plan | undefined {
  if (new Set(plans.map(({ plan_id }) => plan_id)).size > 1) {
    throw new Error("The naive calculator knows one plan a tenant, in several versions");
  }
  const from = ({ effective_from }: Plan) => msOf(effective_from);
  return plans
    .filter((plan) => from(plan) <= ms)
    .toSorted((a, b) => from(a) - from(b) || a.version - b.version)
    .at(-1);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than all that is asked of it. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit" });
  clocks.set(timeZone, clock);
  return clock;
}

/** `2026-07`: the month in the plan's time zone. */
export function periodOf(ms: number, { period }: Plan): string {
  if (period.unit !== "month") throw new Error("The naive calculator knows months only");
  const parts = clockOf(period.tz).formatToParts(ms);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}`;
}
