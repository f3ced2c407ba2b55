import type { Log } from "../../log.ts";
import type { SumPage, SumPlace, SumSlice } from "../../sum-buckets.ts";
import { type Compared, counted, NOTHING_COMPARED, type SumSide, suspects } from "./comparing.ts";
import { isWholeLeftOut, type LeftOut, tellLeftOut, unlookedOf } from "./left-out.ts";

/** Transfers and sums of them that are held at once: some tens of megabytes. */
const ROWS_AT_ONCE = 100_000;

/** How many rows a tenant has of a day of effect: transfers, and sums of them. */
export interface DayRows {
  readonly dayMs: number;
  readonly rows: number;
}

/** Sums of all that takes effect in a span of days, held against the transfers they are made of. */
export interface SpanOfDays {
  readonly tenant: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Subjects whose rows may be wrong: digests that these are part of stay as they are. */
  readonly leftOut: readonly string[];
}

/** Account totals, made of transfers; and digests of lines, made of those. */
export type SumKind = "totals" | "lines";

export interface SumsPorts {
  /** What a tenant's sums are made of, or the sums as they are kept, some rows at a time. */
  readonly sumRows: (
    asked: { readonly kind: SumKind; readonly side: SumSide; readonly tenant: string },
    after: SumPlace | undefined,
  ) => Promise<SumPage>;
  /**
   * Account totals that are not what the transfers come to, put right; answers with how many. Those of
   * nobody's are taken away.
   */
  readonly repairTotals: (slice: SumSlice) => Promise<number>;
  /** The same of digests of lines: nobody is told, as lines of before there were any have none. */
  readonly repairLines: (slice: SumSlice) => Promise<number>;
  /** Takes away digests that no event can have made; answers with how many there were. */
  readonly dropImpossible: (tenant: string) => Promise<number>;
  /** The next tenant, by name, of whom the mirror has sums, or anything that they are made of. */
  readonly tenantAfter: (tenant: string) => Promise<string | undefined>;
  /** From a day on, in order. */
  readonly daysFrom: (tenant: string, fromMs: number) => Promise<readonly DayRows[]>;
  /** Puts the digests of transfers right; answers how many were not. */
  readonly repairDigests: (span: SpanOfDays) => Promise<number>;
  /** Tenants whose mirror is being rebuilt, which takes the error out of the same sums. */
  readonly rebuilding: () => Promise<ReadonlySet<string>>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Of a tenant: digests that cannot be, then totals, then digests of lines, each compared and then
 * repaired; digests of transfers last.
 */
type Part =
  | { readonly kind: "impossible" }
  | { readonly kind: SumKind; readonly compared: Compared }
  | { readonly kind: SumKind; readonly suspects: readonly (readonly number[])[] }
  | { readonly kind: "transfers"; readonly fromMs: number };

/** How far the sums of a shard were looked at: kept between runs. */
export interface SumsLook {
  readonly startedMs: number;
  readonly isOver: boolean;
  /** Sums that were wrong. */
  readonly found: number;
  /** Without a part all of that tenant's were looked at. */
  readonly at?: { readonly tenant: string; readonly part?: Part };
}

export const beginSums = (startedMs: number): SumsLook => ({
  startedMs,
  isOver: false,
  found: 0,
});

/** What waits in this walk, and the tenants of whom something did in the walk before. */
export interface Leaving {
  readonly leftOut: LeftOut;
  readonly before: readonly string[];
}

/**
 * Goes on by one part: some rows of a tenant's sums, or of what they are made of. Made anew of transfers
 * that may be wrong, sums would be wrong as well: those that a subject is part of which could not be
 * looked at are left out, and no other. A part that cannot be looked at now is looked at in the next walk.
 */
export async function lookAtSums(
  look: SumsLook,
  leaving: Leaving,
  ports: SumsPorts,
): Promise<SumsLook> {
  const { tenant = "", part } = look.at ?? {};
  try {
    if (part === undefined) return await nextTenant(look, tenant, ports);
    const { leftOut } = leaving;
    const isLeftOut = isWholeLeftOut(leftOut, tenant) || (await ports.rebuilding()).has(tenant);
    if (isLeftOut) return goneOn(look, tenant, {});
    if (part.kind === "impossible") {
      const isAgain = leaving.before.includes(tenant);
      tellLeftOut(tenant, leftOut, { isAgain, log: ports.log });
    }
    const at = { tenant, part, seed: look.startedMs, leftOut: unlookedOf(leftOut, tenant) };
    return goneOn(look, tenant, await stepOf(at, ports));
  } catch (error) {
    ports.log("warn", "sums_not_checked", { tenant, kind: part?.kind, error });
    if (part === undefined) return { ...look, isOver: true };
    return goneOn(look, tenant, { next: partAfter(part) });
  }
}

const goneOn = (look: SumsLook, tenant: string, { found = 0, next }: Step): SumsLook => ({
  ...look,
  found: look.found + found,
  at: { tenant, ...(next && { part: next }) },
});

async function nextTenant(look: SumsLook, tenant: string, ports: SumsPorts): Promise<SumsLook> {
  const next = await ports.tenantAfter(tenant);
  if (next === undefined) return { ...look, isOver: true };
  return { ...look, at: { tenant: next, part: { kind: "impossible" } } };
}

const FIRST_DAY: Part = { kind: "transfers", fromMs: Number.MIN_SAFE_INTEGER };

const FIRST_KIND: Part = { kind: "totals", compared: NOTHING_COMPARED };

const kindAfter = (kind: SumKind): Part =>
  kind === "totals" ? { kind: "lines", compared: NOTHING_COMPARED } : FIRST_DAY;

/** Where it goes on behind a part that is done, or that cannot be looked at. */
function partAfter(part: Part): Part | undefined {
  if (part.kind === "transfers") return undefined;
  if (part.kind === "impossible") return FIRST_KIND;
  if ("compared" in part || part.suspects.length <= 1) return kindAfter(part.kind);
  return { kind: part.kind, suspects: part.suspects.slice(1) };
}

interface Step {
  readonly found?: number;
  /** Absent: all of the tenant's were looked at. */
  readonly next?: Part | undefined;
}

interface At<P extends Part = Part> {
  readonly tenant: string;
  readonly part: P;
  readonly seed: number;
  readonly leftOut: readonly string[];
}

async function stepOf(at: At, ports: SumsPorts): Promise<Step> {
  const { tenant, part, leftOut } = at;
  if (part.kind === "impossible") {
    return { found: await ports.dropImpossible(tenant), next: FIRST_KIND };
  }
  if (part.kind === "transfers") return transfersStep({ ...at, part }, ports);
  if ("compared" in part) return { next: await compare({ ...at, part }, ports) };
  const [buckets = []] = part.suspects;
  const repair = part.kind === "totals" ? ports.repairTotals : ports.repairLines;
  return { found: await repair({ tenant, buckets, leftOut }), next: partAfter(part) };
}

/** One page of many, or both sides of a tenant that has few rows. */
async function compare(
  at: At<Extract<Part, { compared: Compared }>>,
  ports: SumsPorts,
): Promise<Part> {
  const { tenant, part, seed } = at;
  const { kind, compared } = part;
  const { side, after } = compared;
  const going = counted(compared, await ports.sumRows({ kind, side, tenant }, after), seed);
  if (going.after !== undefined) return { kind, compared: going };
  if (side === "parts") {
    const kept: Compared = { ...going, side: "kept" };
    return compare({ ...at, part: { kind, compared: kept } }, ports);
  }
  const found = suspects(going);
  return found.length === 0 ? kindAfter(kind) : { kind, suspects: found };
}

async function transfersStep(
  { tenant, part, leftOut }: At<Extract<Part, { kind: "transfers" }>>,
  ports: SumsPorts,
): Promise<Step> {
  const span = spanOf(await ports.daysFrom(tenant, part.fromMs));
  if (span === undefined) return {};
  const found = await repaired({ tenant, leftOut, ...span }, ports);
  return { found, next: { kind: "transfers", fromMs: span.toMs } };
}

async function repaired(span: SpanOfDays, ports: SumsPorts): Promise<number> {
  try {
    return await ports.repairDigests(span);
  } catch (error) {
    const { tenant, fromMs, toMs } = span;
    ports.log("warn", "digests_not_checked", { tenant, fromMs, toMs, error });
    return 0;
  }
}

const DAY_MS = 86_400_000;

/** The first days, as many as fit. */
function spanOf(days: readonly DayRows[]): Pick<SpanOfDays, "fromMs" | "toMs"> | undefined {
  const [first] = days;
  if (first === undefined) return undefined;
  let { dayMs: lastMs, rows: held } = first;
  for (const { dayMs, rows } of days.slice(1)) {
    if (held + rows > ROWS_AT_ONCE) break;
    held += rows;
    lastMs = dayMs;
  }
  return { fromMs: first.dayMs, toMs: lastMs + DAY_MS };
}
