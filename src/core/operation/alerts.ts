import type { Severity } from "../reconciliation/aging.ts";

/** What a person can have to look at; a list of alerts is in this order. */
export const ALERT_KINDS = [
  "break",
  "conflict",
  "core_unreachable",
  "dead",
  "delivery_dead",
  "destination_failing",
  "frozen",
  "gap",
  "limit_reached",
  "low_stock",
  "negative_balance",
  "poll_failing",
  "quarantined",
  "quota_reached",
  "rebuild_failed",
  "reconciliation_failed",
  "replay_failed",
  "run_failed",
  "slo_burning",
  "source_paused",
] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

export const SEVERITIES = ["info", "ticket", "page"] as const satisfies readonly Severity[];

/** Something that somebody has to look at now: it is there as long as its cause is. */
export interface Alert {
  readonly kind: AlertKind;
  /** With the kind its name: the same as long as it lasts. */
  readonly key: string;
  readonly severity: Severity;
  /** The object that it is about, `dist:42`. */
  readonly subject?: string;
  /** UTC milliseconds. */
  readonly since_ms: number;
  /** Ids and counts only: no amounts, and nothing of a person. */
  readonly detail: string;
  /** Where to look: a path below the tenant's, its parts not escaped. */
  readonly place: readonly string[];
  /** What narrows a list at that place. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Where a list of alerts goes on. */
export interface AlertPlace {
  readonly kind: AlertKind;
  readonly key: string;
}

/** Alerts of one kind in the order of their keys, as many as were looked for. */
export interface Shelf {
  readonly kind: AlertKind;
  readonly alerts: readonly Alert[];
  /** Where to look on, where there may be more of this kind behind what was looked at. */
  readonly lookedTo?: string;
}

export interface AlertsFound {
  readonly rows: readonly Alert[];
  readonly searchedTo?: AlertPlace;
}

/**
 * One list of several shelves, at most so long. It ends with the first shelf that was not looked
 * through, so that nothing is passed over.
 */
export function oneList(
  shelves: readonly Shelf[],
  { severity, limit }: { readonly severity: Severity | undefined; readonly limit: number },
): AlertsFound {
  const rows: Alert[] = [];
  const inOrder = shelves.toSorted((a, b) => rankOf(a.kind) - rankOf(b.kind));
  for (const { kind, alerts, lookedTo } of inOrder) {
    for (const alert of alerts) {
      if (severity !== undefined && alert.severity !== severity) continue;
      rows.push(alert);
      if (rows.length === limit) return { rows };
    }
    if (lookedTo !== undefined) return { rows, searchedTo: { kind, key: lookedTo } };
  }
  return { rows };
}

const rankOf = (kind: AlertKind): number => ALERT_KINDS.indexOf(kind);

/** The key behind which alerts of a kind are still to come; undefined where that kind is over. */
export function keyAfter(kind: AlertKind, after: AlertPlace | undefined): string | undefined {
  if (after === undefined || rankOf(kind) > rankOf(after.kind)) return "";
  return kind === after.kind ? after.key : undefined;
}

/** A shelf of alerts that were made all at once: those behind a key, by key. */
export function shelfOf(kind: AlertKind, alerts: readonly Alert[], after: string): Shelf {
  const behind = alerts.filter((alert) => alert.kind === kind && alert.key > after);
  return { kind, alerts: behind.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}
