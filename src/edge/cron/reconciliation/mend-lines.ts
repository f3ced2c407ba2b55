import type { Sha256 } from "../../../core/subject/chain.ts";
import { type MirroredLine, mirroredLine } from "../../../core/subject/mirrored.ts";
import { entryOf } from "../../log-entry.ts";
import { changeOf, type DigestedLine, NO_REPAIR, type Place } from "../../subject-rows.ts";
import type { LargePorts, SubjectCheckPorts } from "./object-ports.ts";
import { rowsTold } from "./subject.ts";

/** Which lines are compared: one of so many parts, by their ids. */
interface Part {
  readonly part: number;
  readonly of: number;
}

type Ports = Pick<LargePorts, "linesAfter" | "partRows" | "logAfter" | "repairPart" | "row"> &
  Pick<SubjectCheckPorts, "report" | "digestOf" | "sha256">;

/**
 * Compares a part of a subject's lines with the last states in its log, and writes anew what differs.
 * Lines that events tell of meanwhile are left out: they are another part's of the next walk.
 */
export async function mendLines(place: Place, part: Part, ports: Ports): Promise<boolean> {
  const row = await ports.row(place);
  if ((row?.frozen_ms ?? null) !== null) return false;
  const upTo = row?.position ?? 0;
  const isMine = ({ line_id }: Pick<MirroredLine, "line_id">) =>
    partOf(line_id, part.of, ports.sha256) === part.part;
  const told = await statesUpTo(place, { upTo, isMine }, ports);
  const found = await linesOf(place, isMine, ports);
  for (const name of await namesBehind(place, upTo, ports)) {
    told.delete(name);
    found.delete(name);
  }
  const must = [...told.values()].map((line) => ({ ...line, digest: ports.digestOf(line) }));
  const lines = changeOf([...found.values()], must, ({ line_id }) => line_id);
  const names = rowsTold({ ...NO_REPAIR, lines });
  if (names.length === 0) return false;
  await ports.report(place, `Written anew from its log: ${names.join(", ")}`);
  await ports.repairPart({ ...place, upTo }, { ...NO_REPAIR, lines });
  return true;
}

const partOf = (lineId: string, of: number, sha256: Sha256): number =>
  Number.parseInt(sha256(lineId).slice(0, 8), 16) % of;

interface Sought {
  readonly upTo: number;
  readonly isMine: (line: Pick<MirroredLine, "line_id">) => boolean;
}

/** The last state of each line. */
async function statesUpTo(
  place: Place,
  { upTo, isMine }: Sought,
  { logAfter }: Ports,
): Promise<Map<string, MirroredLine>> {
  const states = new Map<string, MirroredLine>();
  for (let at = 0; at < upTo;) {
    const { rows } = await logAfter(place, at);
    const last = rows.at(-1);
    if (last === undefined) break;
    at = last.position;
    const own = rows.filter(({ position }) => position <= upTo);
    for (const line of own.flatMap((row) => entryOf(row).effects.lines ?? [])) {
      if (isMine(line)) states.set(line.line_id, mirroredLine(line));
    }
  }
  return states;
}

async function linesOf(
  place: Place,
  isMine: Sought["isMine"],
  { linesAfter, partRows }: Ports,
): Promise<Map<string, DigestedLine>> {
  const found = new Map<string, DigestedLine>();
  let after: string | undefined;
  for (;;) {
    const page = await linesAfter(place, after);
    for (const line of page) if (isMine(line)) found.set(line.line_id, line);
    const last = page.at(-1);
    if (last === undefined || page.length < partRows) return found;
    after = last.line_id;
  }
}

/** Lines that the log tells of behind a position: the mirror may have them in either state. */
async function namesBehind(
  place: Place,
  position: number,
  { logAfter, row }: Ports,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  // Nothing is asked of an object that nothing was ever written of: that would make it one.
  if (position === 0 && (await row(place)) === undefined) return names;
  for (let at = position; ;) {
    const { rows } = await logAfter(place, at);
    const last = rows.at(-1);
    if (last === undefined) return names;
    at = last.position;
    for (const told of rows) {
      for (const { line_id } of entryOf(told).effects.lines ?? []) names.add(line_id);
    }
  }
}
