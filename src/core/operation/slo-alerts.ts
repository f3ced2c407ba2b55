import type { Burn } from "../sla/burn.ts";
import type { Burning, Standing } from "../sla/standing.ts";
import type { Alert } from "./alerts.ts";

/** Objectives that are missed too fast: an alert each, whichever rules say so. */
export const sloAlerts = ({ burning, burns }: Standing): readonly Alert[] =>
  burning.flatMap((one) => {
    const burn = burns.find(
      ({ within_ms, rule }) => within_ms === one.within_ms && rule === one.rule,
    );
    return burn === undefined ? [] : [alertOf(one, burn)];
  });

function alertOf({ within_ms, severity, since_ms }: Burning, { long }: Burn): Alert {
  const lines = `${long.bad} of ${long.total} lines took longer than ${within_ms / 1000} s`;
  const times = (long.burn_ppm / 1_000_000).toFixed(1);
  return {
    kind: "slo_burning",
    key: `within_${within_ms}`,
    severity,
    since_ms,
    detail: `${lines} in ${hoursOf(long.window_ms)}: ${times} times what the objective allows`,
    place: ["sla"],
  };
}

function hoursOf(ms: number): string {
  const hours = ms / 3_600_000;
  return hours === 1 ? "1 hour" : `${hours} hours`;
}
