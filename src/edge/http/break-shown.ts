import { type Amount, amountOf } from "../../core/amount.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import { exponentOf } from "../../core/money.ts";
import { severityOf } from "../../core/reconciliation/aging.ts";
import { type CoreLine, reversedOf } from "../../core/reconciliation/core-line.ts";
import type { LocalLine } from "../../core/reconciliation/differ.ts";
import type { Resolution } from "../../core/reconciliation/heal.ts";
import { type BreakAct, breakState } from "../../core/reconciliation/resolve.ts";
import type { BreakRow } from "../reading.ts";

/** What a person did about a break, as its row keeps it. */
export interface KeptResolution {
  readonly action: BreakAct;
  readonly decision: Resolution | null;
  /** What lay in suspense of the line, minor units. */
  readonly suspended_minor: number;
  readonly reason: string;
  readonly by: string;
  readonly at_ms: number;
}

// Own text: what resolve-break.ts wrote.
export const keptResolution = ({ resolution }: Pick<BreakRow, "resolution">) =>
  parseSide<KeptResolution>(resolution);

/** The line of ours that a break is about, as it was found. */
export const mirrorSide = ({ mirror }: Pick<BreakRow, "mirror">) => parseSide<LocalLine>(mirror);

// Own text: what a run wrote. SQLite writes an absent side as null, too.
function parseSide<Side>(text: string | null): Side | null {
  const side: Side | null = text === null ? null : JSON.parse(text);
  return side;
}

const DISTRIBUTOR = "dist:";

/** A break as answers show it. */
export function showBreak(row: BreakRow, nowMs: number) {
  const { foundMs, resolvedMs, outcome, why } = row;
  const core = parseSide<CoreLine>(row.core);
  const mirror = mirrorSide(row);
  const state = breakState({ resolved_ms: resolvedMs, outcome });
  const aging = { class: row.class, why, opened_ms: foundMs };
  return {
    id: row.breakId,
    class: row.class,
    state,
    severity: state === "open" ? severityOf(aging, nowMs) : null,
    subject: row.subject,
    reference: row.reference,
    distributor_id: row.distributorId ?? distributorIn(row.subject),
    line_id: (core ?? mirror)?.line_id ?? null,
    run_id: row.runId,
    amount: moneyOf(row.amountMinor, row.currency),
    core: core && showSide(core, reversedOf(core), core.status),
    mirror: mirror && showSide(mirror, mirror.reversed_minor, mirror.state),
    action: row.action,
    why,
    detail: row.detail,
    found_at: formatInstant(foundMs),
    resolved_at: resolvedMs === null ? null : formatInstant(resolvedMs),
    resolution: showResolution(row),
  };
}

const distributorIn = (subject: string): string | null =>
  subject.startsWith(DISTRIBUTOR) ? subject.slice(DISTRIBUTOR.length) : null;

const showSide = (line: CoreLine | LocalLine, reversedMinor: number, status: string) => ({
  amount: moneyOf(line.amount_minor, line.currency),
  reversed: moneyOf(reversedMinor, line.currency),
  status,
  effective_at: formatInstant(line.effective_ms),
  period_id: line.period_id,
  order_id: line.order_id,
});

/** Null in a currency that nobody knows: what a core tells is shown as far as it can be. */
const moneyOf = (minor: number | null, currency: string | null): Amount | null =>
  minor === null || currency === null || exponentOf(currency) === undefined
    ? null
    : amountOf(BigInt(minor), currency);

function showResolution(row: BreakRow) {
  const kept = keptResolution(row);
  if (kept === null) return null;
  const { action, decision, reason, by, at_ms } = kept;
  return { action, decision, reason, by, at: formatInstant(at_ms) };
}
