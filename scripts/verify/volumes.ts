import { member, pause } from "../local/client.ts";
import type { Finding } from "./chain.ts";
import { type Source, walk } from "./source.ts";
import { integerOf, textOf } from "./told.ts";

/** PV, CV and GV, hundredths of a point. */
type Points = readonly [pv: bigint, cv: bigint, gv: bigint];

/** What was counted, by distributor and period. */
export type Volumes = Map<string, Points>;

const NOTHING: Points = [0n, 0n, 0n];

/** Adds a step of a log, or says what is wrong with it. */
export function addStep(volumes: Volumes, step: unknown): string | undefined {
  const [distributor, period] = ["distributor_id", "period_id"].map((name) =>
    textOf(member(step, name)),
  );
  const points = pointsIn(step);
  if (distributor === undefined || period === undefined || points === undefined) {
    return "a volume lacks its distributor, its period or its points";
  }
  addPoints(volumes, nameOf(distributor, period), points);
  return undefined;
}

function addPoints(volumes: Volumes, name: string, [pv, cv, gv]: Points): void {
  const [p, c, g] = volumes.get(name) ?? NOTHING;
  volumes.set(name, [p + pv, c + cv, g + gv]);
}

/** Adds what more was logged; of each the name is put down where it is asked for. */
export function addVolumes(volumes: Volumes, more: Volumes, touched?: Set<string>): void {
  for (const [name, points] of more) {
    addPoints(volumes, name, points);
    touched?.add(name);
  }
}

const nameOf = (distributor: string, period: string): string =>
  JSON.stringify([distributor, period]);

function pointsIn(value: unknown): Points | undefined {
  const [pv, cv, gv] = ["pv_x100", "cv_x100", "gv_x100"].map((name) =>
    integerOf(member(value, name)),
  );
  return pv === undefined || cv === undefined || gv === undefined ? undefined : [pv, cv, gv];
}

interface Looks {
  /** Takes in what was logged meanwhile, and puts down whose volumes that added to. */
  readonly catchUp: (touched?: Set<string>) => Promise<unknown>;
  readonly pauseMs: number;
  readonly looks: number;
}

/**
 * The mirror's volumes against the steps of all logs. Those that logs add to between the reading of
 * the mirror and the next look at the logs are left for another reading, a few times.
 */
export async function checkVolumes(
  source: Source,
  volumes: Volumes,
  { catchUp, pauseMs, looks }: Looks,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let open: ReadonlySet<string> | undefined;
  for (let look = 1; look <= looks && open?.size !== 0; look += 1) {
    if (look > 1) await pause(pauseMs);
    await catchUp();
    const differences = await differing(source, volumes);
    const touched = new Set<string>();
    await catchUp(touched);
    const asked = [...differences].filter(([name]) => open?.has(name) ?? true);
    for (const [name, theirs] of asked) {
      if (!touched.has(name)) findings.push(findingOf(name, theirs, volumes));
    }
    open = new Set(asked.flatMap(([name]) => (touched.has(name) ? [name] : [])));
  }
  return findings.toSorted((a, b) => (a.what < b.what ? -1 : 1));
}

/** Volumes that the mirror has otherwise than the logs, with what it has. */
async function differing(source: Source, volumes: Volumes): Promise<Volumes> {
  const differences: Volumes = new Map();
  const seen = new Set<string>();
  for await (const row of walk(source, "volumes")) {
    const [distributor = "", period = ""] = ["distributor_id", "period_id"].map((name) =>
      textOf(member(row, name)),
    );
    const name = nameOf(distributor, period);
    const theirs = pointsIn(row) ?? NOTHING;
    seen.add(name);
    if (!isSame(theirs, volumes.get(name) ?? NOTHING)) differences.set(name, theirs);
  }
  for (const [name, ours] of volumes) {
    if (!seen.has(name) && !isSame(ours, NOTHING)) differences.set(name, NOTHING);
  }
  return differences;
}

const isSame = (some: Points, others: Points): boolean =>
  some.every((points, i) => points === others[i]);

function findingOf(name: string, theirs: Points, volumes: Volumes): Finding {
  const [distributor, period]: readonly string[] = JSON.parse(name);
  const ours = volumes.get(name) ?? NOTHING;
  const what = `of "${distributor}" in ${period} they are ${shown(theirs)}, the logs come to ${shown(ours)}`;
  return { subject: "volumes", position: null, what };
}

const shown = ([pv, cv, gv]: Points): string => `PV ${pv}, CV ${cv}, GV ${gv}`;
