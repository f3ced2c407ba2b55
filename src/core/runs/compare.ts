import type { Break } from "../subject/entry.ts";
import type { Fingerprint } from "../reconciliation/digest.ts";

/** What the core says a period came to, and which telling of it this is. */
export interface ToldClose {
  readonly period_id: string;
  readonly epoch: number;
  readonly rev: string;
  readonly totals: Readonly<Record<string, number>>;
  readonly lines: number;
  readonly digest: string;
}

/** The mirror's own count of the same lines. */
export interface FoundClose {
  readonly fingerprint: Fingerprint;
  readonly digest: string;
}

/**
 * The core's close held against the mirror, with tolerance 0 (DOMAIN §8). The digest is compared
 * where all else agrees: otherwise it can only differ too.
 */
export function compareClose(told: ToldClose, found: FoundClose): readonly Break[] {
  const { fingerprint, digest } = found;
  const breaks: Break[] = [];
  const add = (kind: string, detail: string) => breaks.push(breakOf(told, kind, detail));
  const wrong = wrongTotals(told.totals, fingerprint.totals);
  if (wrong.length > 0) add("PERIOD_TOTALS", wrong.join("; "));
  if (told.lines !== fingerprint.lines) {
    add("PERIOD_LINES", `The core has ${told.lines} lines, the mirror ${fingerprint.lines}`);
  }
  if (breaks.length === 0 && told.digest.toLowerCase() !== digest) {
    add("PERIOD_DIGEST", `The core's digest is ${told.digest}, the mirror's ${digest}`);
  }
  return breaks;
}

/** `suspense:recon` must be 0 when a period is closed (DOMAIN §3.1). */
export const suspended = (
  told: Pick<ToldClose, "period_id" | "epoch" | "rev">,
  balances: readonly { readonly currency: string; readonly amount: string }[],
): readonly Break[] => {
  const open = balances.filter(({ amount }) => BigInt(amount) !== 0n);
  if (open.length === 0) return [];
  const amounts = open.map(({ amount, currency }) => `${amount} ${currency}`).join(", ");
  return [breakOf(told, "PERIOD_SUSPENSE", `suspense:recon is ${amounts}`)];
};

const breakOf = (
  { period_id, epoch, rev }: Pick<ToldClose, "period_id" | "epoch" | "rev">,
  kind: string,
  detail: string,
): Break => ({
  break_id: `${kind}:${period_id}:${epoch}.${rev}`,
  class: kind,
  reference: period_id,
  detail,
});

function wrongTotals(
  told: Readonly<Record<string, number>>,
  found: Readonly<Record<string, string>>,
): readonly string[] {
  const currencies = [...new Set([...Object.keys(told), ...Object.keys(found)])].toSorted();
  return currencies.flatMap((currency) => {
    const [theirs, ours] = [BigInt(told[currency] ?? 0), BigInt(found[currency] ?? 0)];
    return theirs === ours ? [] : [`The core has ${theirs} ${currency}, the mirror ${ours}`];
  });
}
