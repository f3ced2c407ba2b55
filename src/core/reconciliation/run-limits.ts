/** How many differences of a kind one run may find before nothing is done about them by itself. */
export interface RunLimits {
  /** More lines to be brought back in one run are a failure of something else: none of them is healed. */
  readonly missing_max: number;
  /** The same of lines that the core does not have: none of them is put aside. */
  readonly extra_max: number;
}

/** How much a run has found of what a limit is on; parts add up. */
export interface RunCounts {
  /** Lines that would be brought back, were there no limit. */
  readonly missing: number;
  /** Lines that the core does not have: those that would be put aside, now or once they are due. */
  readonly extra: number;
  /** Of those, the ones that would be put aside. */
  readonly due: number;
}

export const NO_COUNTS: RunCounts = { missing: 0, extra: 0, due: 0 };

/** A limit of a run that keeps something from being done. */
export interface LimitAlert {
  readonly kind: "missing_local_limit" | "extra_local_limit";
  readonly found: number;
}

export const addCounts = (a: RunCounts, b: RunCounts): RunCounts => ({
  missing: a.missing + b.missing,
  extra: a.extra + b.extra,
  due: a.due + b.due,
});

/** The limits that keep something from being done in a run that has found so much. */
export function limitAlerts(counts: RunCounts, limits: RunLimits): readonly LimitAlert[] {
  const { missing, extra, due } = counts;
  return [
    ...(missing > limits.missing_max
      ? [{ kind: "missing_local_limit", found: missing } as const]
      : []),
    ...(due > 0 && extra > limits.extra_max
      ? [{ kind: "extra_local_limit", found: extra } as const]
      : []),
  ];
}
