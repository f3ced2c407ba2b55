import { post } from "../ledger/transfer.ts";
import { compareRevisions } from "../ordering/rev.ts";
import type { Effects, Standing } from "../subject/entry.ts";
import { type DistributorView, readView } from "./view.ts";

/** The view after an event's effects. Any order of the same effects ends in the same answers. */
export function evolve(text: string | undefined, effects: Effects, nowMs: number): string {
  let view = readView(text);
  if (effects.transfers !== undefined) {
    view = { ...view, balances: post(view.balances, effects.transfers) };
  }
  for (const standing of effects.standings ?? []) view = place(view, standing, nowMs);
  return JSON.stringify(view);
}

function place(view: DistributorView, standing: Standing, nowMs: number): DistributorView {
  switch (standing.kind) {
    case "enrolment":
      return { ...view, enrolment: higher(view.enrolment, standing) };
    case "status":
      return { ...view, statuses: inForce([...view.statuses, standing], nowMs) };
    case "rank":
      return { ...view, rank: later(view.rank, standing) };
    case "volume":
      return { ...view, volume: later(view.volume, standing) };
  }
}

const higher = (a: Standing | undefined, b: Standing): Standing =>
  a === undefined || compareRevisions(b, a) > 0 ? b : a;

function later(a: Standing | undefined, b: Standing): Standing {
  if (a === undefined) return b;
  const order = comparePeriods(b.period_id, a.period_id);
  if (order !== 0) return order > 0 ? b : a;
  return higher(a, b);
}

/** Periods are named by the core: `2026-07`, `2026-W9`, `155`. Runs of digits compare as numbers. */
function comparePeriods(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.match(/\d+|\D+/g) ?? []);
  if (left === undefined || right === undefined) return 0;
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const order = comparePart(left[i] ?? "", right[i] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  const digits = /^\d+$/;
  if (digits.test(a) && digits.test(b)) {
    const order = BigInt(a) - BigInt(b);
    if (order !== 0n) return order > 0n ? 1 : -1;
  }
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Drops the revisions that no instant from now on can show: those that a higher one, in force no
 * later, hides for good.
 */
function inForce(statuses: readonly Standing[], nowMs: number): readonly Standing[] {
  const ascending = statuses.toSorted(compareRevisions);
  return ascending.filter(
    (standing, i) =>
      !ascending
        .slice(i + 1)
        .some(({ effective_ms }) => effective_ms <= Math.max(nowMs, standing.effective_ms)),
  );
}
