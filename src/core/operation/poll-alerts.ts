import type { Alert } from "./alerts.ts";

/** A stream of a polled source, or its looking up of records, whose last rounds failed. */
export interface FailingPoll {
  readonly source: string;
  readonly stream: string;
  /** In a row. */
  readonly failures: number;
  /** The last of them; absent of rows that were kept before errors had their beginning. */
  readonly error: {
    readonly at_ms: number;
    /** When the first of them was. */
    readonly since_ms?: number;
    readonly kind: string;
    /** What of an answer, where its kind does not say enough. */
    readonly code?: string;
  } | null;
}

type Failing = FailingPoll & { readonly error: NonNullable<FailingPoll["error"]> };

/** A product may be out for a quarter of an hour: so long take five attempts, each after twice the pause. */
export const POLL_FAILURES_MAX = 5;
const TICKET_MS = 3_600_000;
const PAGE_MS = 24 * 3_600_000;
const STREAMS_SAID = 5;

/** By a fault's code, else by its kind. Never a product's own words: it may quote a record. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["unauthorized", "its credential is refused"],
  ["forbidden", "its credential may not see this"],
  ["throttled", "the product wants to be asked less"],
  ["expired", "the product forgets places in its listing"],
  ["refused", "the product refuses the question"],
  ["failed", "there is no answer that can be read"],
  ["too_large", "an answer has more than 8 MB, and no smaller page can be asked for"],
  ["nested", "an answer or a record is nested too deep to be taken"],
  ["endless", "its listing does not end"],
  ["circle", "its listing goes in a circle"],
  ["place_too_long", "its listing names places that are too long"],
  ["broken", "what was fetched could not be taken"],
]);

const sinceOf = ({ error }: Failing): number => error.since_ms ?? error.at_ms;

/**
 * Of rows of one tenant, an alert for each source of which something fails for too long: five times
 * in a row, or for an hour. Where a credential is refused, one stream at a time fails of all.
 */
export function pollAlerts(rows: readonly FailingPoll[], nowMs: number): readonly Alert[] {
  const failing = rows.flatMap((row): Failing[] =>
    row.error === null ? [] : [{ ...row, error: row.error }],
  );
  return [...Map.groupBy(failing, ({ source }) => source)].flatMap(([source, of]) => {
    const sinceMs = Math.min(...of.map(sinceOf));
    const isLong = nowMs - sinceMs >= TICKET_MS;
    const isOften = of.some(({ failures }) => failures >= POLL_FAILURES_MAX);
    return isLong || isOften ? [alertOf(source, of, { sinceMs, nowMs })] : [];
  });
}

function alertOf(
  source: string,
  failing: readonly Failing[],
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): Alert {
  const byReason = Map.groupBy(failing, reasonOf);
  const said = [...byReason].map(([reason, of]) => `${namesOf(of)}: ${reason}`);
  return {
    kind: "poll_failing",
    key: source,
    severity: nowMs - sinceMs >= PAGE_MS ? "page" : "ticket",
    since_ms: sinceMs,
    detail: `Source ${source} cannot be polled (${said.join("; ")})`,
    place: ["sources", source, "polls"],
  };
}

const reasonOf = ({ error: { kind, code } }: Failing): string =>
  REASONS.get(code ?? kind) ?? REASONS.get(kind) ?? kind;

function namesOf(failing: readonly Failing[]): string {
  const names = failing.slice(0, STREAMS_SAID).map(({ stream }) => stream);
  const more = failing.length - names.length;
  return more === 0 ? names.join(", ") : `${names.join(", ")} and ${more} more`;
}
