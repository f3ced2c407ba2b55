import { debtsOf } from "../distributor/overdrawn.ts";
import { isLow } from "../record/inventory.ts";
import { type Severity, severityOf } from "../reconciliation/aging.ts";
import type { Alert } from "./alerts.ts";

/** An open break as an alert looks at it. */
export interface OpenBreak {
  readonly breakId: string;
  readonly class: string;
  readonly subject: string;
  readonly reference: string;
  readonly why: string | null;
  readonly foundMs: number;
}

const placeOf = ({ breakId }: OpenBreak) => ["breaks", breakId];
const severityAt = (found: OpenBreak, nowMs: number): Severity =>
  severityOf({ ...found, opened_ms: found.foundMs }, nowMs);

/** A difference that is for a ticket by now, or urgent; one that is neither yet is no alert. */
export function breakAlert(found: OpenBreak, nowMs: number): readonly Alert[] {
  const severity = severityAt(found, nowMs);
  if (severity === "info") return [];
  const why = found.why === null ? "" : ` (${found.why})`;
  return [
    alertOf(found, {
      kind: "break",
      severity,
      detail: `${found.class} of ${found.reference}${why}`,
    }),
  ];
}

/**
 * A distributor who owes more than the plan lets stand. The break stays until a person ends it; the
 * alert is there as long as anything is owed, and again where the break grows old.
 */
export function debtAlert(
  found: OpenBreak & { readonly view: string | null },
  nowMs: number,
): readonly Alert[] {
  const debts = debtsOf(found.view ?? undefined, found.subject.slice("dist:".length));
  const currency = found.breakId.slice(found.breakId.lastIndexOf(":") + 1);
  const isOwed = debts.has(currency);
  const what = isOwed ? "owes more than the plan lets stand" : "owed more than the plan lets stand";
  const detail = `Distributor ${found.reference} ${what}, in ${currency}`;
  return whileThere(found, nowMs, { kind: "negative_balance", isThere: isOwed, detail });
}

/** An article that is low: as long as it is, and again where its break grows old. */
export function stockAlert(
  found: OpenBreak & { readonly value: string | null },
  nowMs: number,
): readonly Alert[] {
  const isThere = found.value !== null && isLow(JSON.parse(found.value));
  const detail = `Article ${found.reference} ${isThere ? "is" : "was"} low`;
  return whileThere(found, nowMs, { kind: "low_stock", isThere, detail });
}

function whileThere(
  found: OpenBreak,
  nowMs: number,
  {
    kind,
    isThere,
    detail,
  }: { readonly kind: Alert["kind"]; readonly isThere: boolean; readonly detail: string },
): readonly Alert[] {
  const aged = severityAt(found, nowMs);
  const severity = isThere && aged === "info" ? "ticket" : aged;
  return severity === "info" ? [] : [alertOf(found, { kind, severity, detail })];
}

const alertOf = (found: OpenBreak, alert: Pick<Alert, "kind" | "severity" | "detail">): Alert => ({
  ...alert,
  key: found.breakId,
  subject: found.subject,
  since_ms: found.foundMs,
  place: placeOf(found),
});

/** An object whose log is not to be believed. */
export function frozenAlert({
  subject,
  frozenMs,
}: {
  readonly subject: string;
  readonly frozenMs: number;
}): Alert {
  return {
    kind: "frozen",
    key: subject,
    severity: "page",
    subject,
    since_ms: frozenMs,
    detail: "Its log is not what it was: it takes nothing until a person has looked",
    place: ["breaks", `CHAIN:${subject}`],
  };
}

/** Differences of one class that a limit of a run kept from being healed. */
export const limitAlert = (found: {
  readonly class: string;
  readonly breaks: number;
  readonly oldestMs: number;
}): Alert => ({
  kind: "limit_reached",
  key: found.class,
  severity: "page",
  since_ms: found.oldestMs,
  detail: `${found.breaks} open ${found.class}: more in one run than are healed without a person`,
  place: ["breaks"],
  query: { state: "open", class: found.class },
});
