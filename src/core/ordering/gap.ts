/** A missing event is asked of the core after this long: most are only late (DOMAIN «Gap defaults»). */
export const GAP_HYDRATE_MS = 15_000;
/** After this long somebody is told: a distributor's money waits behind the gap. */
export const GAP_ALERT_MS = 15 * 60_000;

/**
 * What the core does not have it is asked for again: after as long as the gap was old when it was
 * asked last, so that the pauses double, and within these bounds.
 */
export const GAP_ASK_MS_MIN = 60_000;
export const GAP_ASK_MS_MAX = 3_600_000;

export type GapStage = "open" | "hydrate" | "alert";

/** A hole before the first buffered event of a stream. */
export interface Gap {
  readonly sinceMs: number;
  readonly stage: GapStage;
}

/** When the gap's next stage is due, or nothing: an alerted gap waits for the core or a person. */
export function gapDueMs({ sinceMs, stage }: Gap): number | undefined {
  if (stage === "open") return sinceMs + GAP_HYDRATE_MS;
  if (stage === "hydrate") return sinceMs + GAP_ALERT_MS;
  return undefined;
}

/** The stage a gap has reached by now: stages missed while nobody looked are passed over. */
export function gapStageAt({ sinceMs, stage }: Gap, nowMs: number): GapStage {
  if (nowMs >= sinceMs + GAP_ALERT_MS) return "alert";
  if (nowMs >= sinceMs + GAP_HYDRATE_MS) return stage === "alert" ? "alert" : "hydrate";
  return stage;
}
