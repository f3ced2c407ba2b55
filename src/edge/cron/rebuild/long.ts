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
  const isHeld = await ports.isHeld(place);
  // Somebody set free what is half taken away.
  const isFreed = isHeld && known?.frozen !== true;
  if (isFreed) await ports.hold(place);
  const knowing = { asked, known, isHeld };
  if (!isFreed && (await conclude({ place, log }, knowing, ports))) return undefined;
  const tries = long.tries + 1;
  if (tries < TRIES_MAX) return { ...read.long, tries };
  const { subject } = place;
  await ports.putMark(asked.run, { subject, mark: { ...TOO_LONG, result: "failed" } });
  return undefined;
}

interface Knowing {
  readonly asked: LookAsked;
  readonly known: (Mirrored & { readonly frozen: boolean }) | undefined;
  /** A rebuild, this one or one before, has begun to take its rows away. */
  readonly isHeld: boolean;
}

/** Answers whether it is over: marked, or frozen just now. */
async function conclude(read: Read, knowing: Knowing, ports: SubjectPorts): Promise<boolean> {
  const { known } = knowing;
  const { rowsOfOneMax: rowsMax = ROWS_OF_ONE_MAX } = ports;
  const sought = [{ ...read.place, wanted: read.log.laid.rows }];
  const found = await ports.found(sought, { rowsMax, isScanned: false });
  if (found === undefined) return lighten(read, knowing, ports);
  const [there] = found;
  if (there === undefined || (there.state?.position ?? 0) !== (known?.position ?? 0)) return false;
  const write = await decide(read, there, { asked: askedOf(read, knowing), ports });
  if (write === undefined) return true;
  return (await writeAll(knowing.asked.run, [write], ports)).size > 0;
}

/** Whom a rebuild holds, it sets free. */
const askedOf = ({ place: { subject } }: Read, { asked, isHeld }: Knowing): LookAsked =>
  isHeld ? { ...asked, thaw: new Set([...asked.thaw, subject]) } : asked;

/**
 * The mirror has more of it than one batch takes away: some of it goes, where all of it is to. Before
 * the first row goes it is frozen, so that neither events nor the walk meet what is half taken away.
 * Where its own row is lost nothing says that it is of another log: the walk gives it back.
 */
async function lighten(read: Read, knowing: Knowing, ports: SubjectPorts): Promise<boolean> {
  const { place, log } = read;
  const { known, isHeld } = knowing;
  const { run, thaw } = askedOf(read, knowing);
  const { subject } = place;
  const state = known === undefined ? undefined : stateOf(known);
  const verdict = judge(place, state, log, thaw.has(subject));
  if (verdict.kind === "freeze") {
    await ports.freeze(place, verdict.detail);
    return true;
  }
  if (verdict.kind === "drop" && known !== undefined && state !== undefined) {
    const { position, head } = known;
    if (isHeld) await ports.takeAway({ ...place, position, head });
    else await beginHolding(place, verdict.detail, ports);
    return false;
  }
  const at = known?.position ?? 0;
  const result = resultOf(verdict);
  // Whoever is filled since was not counted when the rebuild began.
  const unread = result === "begun_anew" ? {} : { isUnread: true as const };
  const mark = { ...TOO_LONG, result, until: log.end, at, ...unread };
  await ports.putMark(run, { subject, mark });
  await follow({ ...place, mark, isReset: false }, ports);
  return true;
}

/** Told before it is done, as all that is begun anew. */
async function beginHolding(
  place: ToLookAt,
  detail: string | undefined,
  ports: SubjectPorts,
): Promise<void> {
  if (detail !== undefined) await ports.report(place, detail);
  await ports.hold(place);
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
