import { GENESIS } from "../../../core/subject/chain.ts";
import type { LongLog, SubjectResult, SubjectState, ToLookAt } from "../../rebuild.ts";
import type { Mirrored } from "../../subject.ts";
import { decide, type LookAsked, type Read } from "./decide.ts";
import { judge, type Verdict } from "./judge.ts";
import type { SubjectPorts } from "./ports.ts";
import { longLog, readOn } from "./read-log.ts";
import { follow, ROWS_OF_ONE_MAX, TOO_LONG, writeAll } from "./subjects.ts";

/** How often events may overtake a decision, or rows be taken away; then the subject is told of. */
const TRIES_MAX = 200;

export const beginLong = ({ subject }: ToLookAt): LongLog => ({
  subject,
  position: 0,
  hash: GENESIS,
  tries: 0,
});

interface Reading {
  readonly place: ToLookAt;
  readonly long: LongLog;
}

/**
 * Goes on with a subject whose log is too long to be laid out: its chain is read in parts, then it is
 * decided whether the mirror goes on from where it stands, or begins anew. The log itself is mirrored by
 * the queue, in parts as ever. Answers where to go on; nothing once it is over.
 */
export async function lookAtLong(
  { place, long }: Reading,
  asked: LookAsked,
  ports: SubjectPorts,
): Promise<LongLog | undefined> {
  const read = await readOn(place, long, ports);
  await ports.addNames(asked.run, read.names);
  if (!read.isWhole) return read.long;
  const [known] = await ports.positions([place]);
  const mirrored = known?.position ?? 0;
  const log = await longLog(place, read, { ...ports, mirrored });
  const isOver = await conclude({ place, log }, { asked, known }, ports);
  if (isOver) return undefined;
  const tries = long.tries + 1;
  if (tries < TRIES_MAX) return { ...read.long, tries };
  const { subject } = place;
  await ports.putMark(asked.run, { subject, mark: { ...TOO_LONG, result: "failed" } });
  return undefined;
}

interface Knowing {
  readonly asked: LookAsked;
  readonly known: (Mirrored & { readonly frozen: boolean }) | undefined;
}

/** Answers whether it is over: marked, or frozen just now. */
async function conclude(read: Read, knowing: Knowing, ports: SubjectPorts): Promise<boolean> {
  const { asked, known } = knowing;
  const { rowsOfOneMax: rowsMax = ROWS_OF_ONE_MAX } = ports;
  const sought = [{ ...read.place, wanted: read.log.laid.rows }];
  const found = await ports.found(sought, { rowsMax, isScanned: false });
  if (found === undefined) return lighten(read, knowing, ports);
  const [there] = found;
  if (there === undefined || (there.state?.position ?? 0) !== (known?.position ?? 0)) return false;
  const write = await decide(read, there, { asked, ports });
  if (write === undefined) return true;
  return (await writeAll(asked.run, [write], ports)).size > 0;
}

/**
 * The mirror has more of it than one batch takes away: some of it goes, where all of it is to. It stays
 * where it stood meanwhile, with a hash that its log does not have or frozen: nothing is mirrored in
 * between. Where its own row is lost nothing would hold that off: the walk gives it back.
 */
async function lighten(
  { place, log }: Read,
  { asked, known }: Knowing,
  ports: SubjectPorts,
): Promise<boolean> {
  const { subject } = place;
  const state = known === undefined ? undefined : stateOf(known);
  const verdict = judge(place, state, log, asked.thaw.has(subject));
  if (verdict.kind === "freeze") {
    await ports.freeze(place, verdict.detail);
    return true;
  }
  if (verdict.kind === "drop" && known !== undefined && state !== undefined) {
    await ports.takeAway({ ...place, position: known.position, head: known.head });
    return false;
  }
  const at = known?.position ?? 0;
  const mark = { ...TOO_LONG, result: resultOf(verdict), until: log.end, at };
  await ports.putMark(asked.run, { subject, mark });
  await follow({ ...place, mark, isReset: false }, ports);
  return true;
}

function resultOf(verdict: Verdict): SubjectResult {
  if (verdict.kind === "filling") return "begun_anew";
  return verdict.kind === "keep" ? verdict.result : "too_long";
}

/** As far as it says what to do; nothing where the mirror has no row of it. */
const stateOf = (known: Mirrored & { readonly frozen: boolean }): SubjectState | undefined =>
  known.position === 0 && !known.frozen
    ? undefined
    : {
        position: known.position,
        head: known.head,
        frozenMs: known.frozen ? 0 : null,
        viewPosition: null,
        asOfMs: null,
        displayName: null,
        view: null,
      };
