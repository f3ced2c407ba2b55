import type { Going, Stop } from "./going.ts";
import type { ReconcilePorts } from "./ports.ts";

/** Ports that count what is kept through them. */
export function countingPorts(
  ports: ReconcilePorts,
): Pick<ReconcilePorts, "putDifferences" | "putBalances"> & Pick<Going, "taken"> {
  let kept = 0;
  return {
    putDifferences: (run, found) => {
      kept += found.length;
      return ports.putDifferences(run, found);
    },
    putBalances: (run, found) => {
      kept += found.length;
      return ports.putBalances(run, found);
    },
    taken: () => {
      const taken = kept;
      kept = 0;
      return taken;
    },
  };
}

/** Phases in which what was found is kept once more, and hardly anything new. */
const LOOKING: ReadonlySet<string> = new Set(["explain", "look"]);

/**
 * Why a run goes on no more that has found so much to differ that it is no difference: a mirror that is
 * empty, or a core that makes up lines for as long as it is asked. What is kept twice is counted twice;
 * only where that is too much is it looked at how much there is.
 */
export async function tooMany(going: Going, kept: number): Promise<Stop | undefined> {
  const { ports, run, cursor } = going;
  if (kept === 0 || LOOKING.has(cursor.phase)) return undefined;
  const { kept_max: max } = ports.limits;
  const most = (cursor.kept ?? 0) + kept;
  const count = most <= max ? most : await ports.countKept(run, max + 1);
  going.cursor = { ...going.cursor, kept: count };
  if (count <= max) return undefined;
  const detail = `More than ${max} lines or balances differ: nothing is healed or closed before a person has looked at the core and the mirror`;
  return { kind: "failed", failure: "too_many", detail };
}
