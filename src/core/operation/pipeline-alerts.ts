import type { Alert } from "./alerts.ts";

/** A hole in a strict stream that nobody has filled in time. */
export interface LateGap {
  readonly subject: string;
  readonly source: string;
  readonly epoch: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly sinceMs: number;
}

/** The place of a gap among others: by subject, source, epoch and number. */
export const gapKey = ({ subject, source, epoch, fromSeq }: Omit<LateGap, "toSeq" | "sinceMs">) =>
  JSON.stringify([subject, source, epoch, fromSeq]);

/** What {@link gapKey} has made of a gap's place; undefined of any other text. */
export function parseGapKey(
  key: string,
): readonly [subject: string, source: string, epoch: number, fromSeq: number] | undefined {
  const parts = partsOf(key);
  if (!Array.isArray(parts) || parts.length !== 4) return undefined;
  const [subject, source, epoch, fromSeq]: readonly unknown[] = parts;
  const isPlace = typeof subject === "string" && typeof source === "string";
  const isCounted = typeof epoch === "number" && typeof fromSeq === "number";
  return isPlace && isCounted ? [subject, source, epoch, fromSeq] : undefined;
}

function partsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function gapAlert(gap: LateGap): Alert {
  const { subject, source, fromSeq, toSeq, sinceMs } = gap;
  const missing = fromSeq === toSeq ? `number ${fromSeq}` : `numbers ${fromSeq} to ${toSeq}`;
  return {
    kind: "gap",
    key: gapKey(gap),
    severity: "page",
    subject,
    since_ms: sinceMs,
    detail: `The stream of source ${source} lacks ${missing}: what comes behind waits`,
    place: ["held"],
    query: { state: "buffered" },
  };
}

/** Events of one source that wait for a person. */
export interface HeldCrowd {
  readonly state: "dead" | "quarantined" | "conflict";
  readonly source: string;
  readonly events: number;
  readonly oldestMs: number;
}

const WAITING = {
  dead: "that every attempt failed on",
  quarantined: "that cannot be applied as they are",
  conflict: "that contradict one under the same id",
} as const;

export const heldAlert = ({ state, source, events, oldestMs }: HeldCrowd): Alert => ({
  kind: state,
  key: source,
  severity: state === "dead" ? "page" : "ticket",
  since_ms: oldestMs,
  detail: `${events} of source ${source} ${WAITING[state]}`,
  place: ["held"],
  query: { state },
});

/** A source that takes in and holds back; urgent is nothing of it, a person has wanted it. */
export const pausedAlert = (paused: {
  readonly source: string;
  readonly pausedMs: number;
  /** Deliveries wait. */
  readonly isHolding: boolean;
}): Alert => ({
  kind: "source_paused",
  key: paused.source,
  severity: paused.isHolding ? "ticket" : "info",
  since_ms: paused.pausedMs,
  detail: paused.isHolding ? "Paused, and deliveries wait" : "Paused; nothing has come since",
  place: ["sources", paused.source],
});

/** A tenant has had as many events today as it may. */
export const quotaAlert = (spent: {
  readonly used: number;
  readonly limit: number;
  readonly sinceMs: number;
}): Alert => ({
  kind: "quota_reached",
  key: "events_per_day",
  severity: "ticket",
  since_ms: spent.sinceMs,
  detail: `${spent.used} events today, ${spent.limit} are allowed: senders of our contract are answered 429`,
  place: ["usage"],
});
