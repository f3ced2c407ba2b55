/** Holes that were filled so long ago tell nobody anything any more. */
export const CLOSED_GAP_MS = 30 * 86_400_000;
/** Between two walks. */
const REST_MS = 86_400_000;
/** Rows looked at in one call. */
const ROWS_MAX = 1000;

/** How far a walk over all gaps is; JSON of `jobs`. */
export interface GapsWalk {
  /** Behind which gap it goes on, while one is under way. */
  readonly cursor?: string;
  readonly endedMs: number;
}

export interface ForgetGapsPorts {
  readonly load: () => Promise<GapsWalk | undefined>;
  readonly save: (walk: GapsWalk) => Promise<void>;
  /** Deletes what of the next rows was closed by then; where to go on, unless that was the end. */
  readonly forget: (asked: {
    readonly after: string | undefined;
    readonly closedByMs: number;
    readonly limit: number;
  }) => Promise<string | undefined>;
  readonly nowMs: () => number;
}

const NEVER: GapsWalk = { endedMs: 0 };

/** Deletes gaps that were closed long ago, some of a day's walk at a time. */
export async function forgetClosedGaps(ports: ForgetGapsPorts): Promise<void> {
  const nowMs = ports.nowMs();
  const { cursor: after, endedMs } = (await ports.load()) ?? NEVER;
  if (after === undefined && nowMs - endedMs < REST_MS) return;
  const closedByMs = nowMs - CLOSED_GAP_MS;
  const cursor = await ports.forget({ after, closedByMs, limit: ROWS_MAX });
  await ports.save(cursor === undefined ? { endedMs: nowMs } : { cursor, endedMs });
}
