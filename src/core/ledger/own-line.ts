import { proRata } from "../plans/rounding.ts";
import type { DispatchedLine, Line } from "./line.ts";
import { sumTaken, type Taken, takenBefore, takenMore, takenOf } from "./taken.ts";
import {
  asOf,
  bucketOf,
  COMMISSION,
  type Rule,
  signedTransfer,
  type Transfer,
} from "./transfer.ts";

/** A core that has not confirmed a reversal this long after the refund has forgotten it (DOMAIN §3.3). */
export const REVERSAL_MS_MAX = 72 * 3_600_000;

/** A gateway's line as its distributor keeps it, with the version it was last told. */
export interface OwnLine {
  readonly line: Line;
  readonly ver: number;
  readonly computation: number;
  readonly available_ms: number | null;
  /** What `reversed_minor` was taken by; absent where nothing was, or nobody said when. */
  readonly taken?: Taken;
  /** Nobody is paid by it: it waits for the core's own line (mirror mode). */
  readonly provisional?: true;
  /** The core's line that stands for it now. */
  readonly superseded_by?: string;
}

/** What a line came to: its new state, what moves, and whether a person has to decide. */
export interface OwnChange {
  readonly own: OwnLine;
  readonly transfers: readonly Transfer[];
  /** The line was paid on by then: what a new computation says of it is for a person. */
  readonly isBackdated: boolean;
}

const BUCKETS = { pending: "pending", held: "held", available: "available" } as const;

const isOpen = (state: Line["state"]): state is keyof typeof BUCKETS => state in BUCKETS;

const leftOf = ({ amount_minor, reversed_minor }: Line): number => amount_minor - reversed_minor;

/** Commission that the distributor gets, or below zero gives back, in the line's bucket. */
function move(rule: Rule, line: Line, amount_minor: number): readonly Transfer[] {
  if (!isOpen(line.state)) return [];
  return signedTransfer({
    rule,
    debit: COMMISSION,
    credit: bucketOf(line.distributor_id, BUCKETS[line.state]),
    amount_minor,
    currency: line.currency,
    reference: line.line_id,
  });
}

const lineOf = (told: DispatchedLine): Line => ({
  line_id: told.line_id,
  distributor_id: told.distributor_id,
  order_id: told.order_id,
  component: told.component,
  level: told.level,
  depth: told.depth,
  rate_ppm: told.rate_ppm,
  amount_minor: told.amount_minor,
  reversed_minor: told.reversed_minor,
  currency: told.currency,
  state: told.bucket,
  period_id: told.period_id,
  effective_ms: told.effective_ms,
  origin: "gateway",
  due_ms: told.bucket === "held" ? told.available_ms : null,
});

/** PL: a line nobody told of before. Where the core's came first it is superseded from the start. */
export function newLine(
  told: DispatchedLine,
  at: { readonly supersededBy?: string; readonly nowMs: number },
): OwnChange {
  const { ver, computation, available_ms } = told;
  const line = lineOf(told);
  const provisional = told.bucket === "pending" ? ({ provisional: true } as const) : {};
  const own = withTaken({ line, ver, computation, available_ms, ...provisional }, told);
  if (at.supersededBy !== undefined) {
    const superseded = { ...own, superseded_by: at.supersededBy };
    return { own: overdue(superseded, at.nowMs), transfers: [], isBackdated: false };
  }
  // What others of the order were paid on already cannot be paid a second time to somebody else.
  if (told.late === true) {
    const { taken: _taken, ...rest } = own;
    const nothing = { ...line, amount_minor: 0, reversed_minor: 0, state: "void" } as const;
    return { own: { ...rest, line: nothing }, transfers: [], isBackdated: true };
  }
  const transfers = [...earned(line, line.amount_minor), ...taking(line, datesOf(own))];
  return { own, transfers, isBackdated: false };
}

/**
 * A line told of again. Its order sends absolute state: what differs is posted, in the bucket the
 * line is in now. An older version, and the same again, is nothing.
 */
export function toldAgain(
  before: OwnLine,
  told: DispatchedLine,
  nowMs: number,
): OwnChange | undefined {
  if (told.ver <= before.ver) return undefined;
  const { line } = before;
  const isAnew = told.computation !== before.computation;
  const isFixed = line.state === "void" || (isAnew && isTooLate(line, told));
  const amounts = isFixed ? keptAmounts(line, told) : toldAmounts(line, told);
  const computation = isFixed ? before.computation : told.computation;
  const now = withTaken({ ...before, line: amounts, ver: told.ver, computation }, told);
  const own = isAnew ? movedTo(now, told) : now;
  const isBackdated = isFixed && isOpen(line.state) && isOther(amounts, told);
  const posted = before.taken ?? takenBefore(line, told);
  const transfers = differences({ ...before, taken: posted }, own);
  return { own: overdue(own, nowMs), transfers, isBackdated };
}

/** What is void stays where it was. */
const isInPlace = ({ line, available_ms }: OwnLine, told: DispatchedLine): boolean =>
  line.state === "void" ||
  (told.effective_ms === line.effective_ms &&
    told.period_id === line.period_id &&
    told.available_ms === available_ms);

const isOther = ({ amount_minor, currency }: Line, told: DispatchedLine): boolean =>
  told.amount_minor !== amount_minor || told.currency !== currency;

/** With what was taken of it when, as far as its order says so. */
function withTaken({ taken: before, ...own }: OwnLine, told: DispatchedLine): OwnLine {
  const taken = takenOf(own.line.amount_minor, told) ?? before ?? [];
  return taken.length === 0 ? own : { ...own, taken };
}

const toldAmounts = (line: Line, told: DispatchedLine): Line => {
  const { depth, rate_ppm, amount_minor, reversed_minor, currency } = told;
  return { ...line, depth, rate_ppm, amount_minor, reversed_minor, currency };
};

/** Of a line that was paid on: what stands of it, and its share of what was returned. */
function keptAmounts(line: Line, told: DispatchedLine): Line {
  const amount_minor = underLimit(line, told);
  const [part, whole] = told.returned;
  return {
    ...line,
    amount_minor,
    reversed_minor: proRata(amount_minor, part, whole, told.rounding),
  };
}

/** What a line earns counts from its sale on, whenever it is told of, and whatever else with it. */
const earned = (line: Line, amount_minor: number): readonly Transfer[] =>
  asOf(line.effective_ms, move("PL", line, amount_minor));

/** What was taken of a line, and how much of that nobody has dated. */
interface Dates {
  readonly taken: Taken;
  readonly undated: number;
}

const datesOf = ({ line, taken = [] }: OwnLine): Dates => ({
  taken,
  undated: line.reversed_minor - sumTaken(taken),
});

/** P5: each return takes as of its own time. */
const taking = (line: Line, { taken, undated }: Dates): readonly Transfer[] => [
  ...taken.flatMap(([at_ms, minor]) => asOf(at_ms, move("P5", line, -minor))),
  ...move("P5", line, -undated),
];

/** What a line posted is taken back as and when it was, and posted as and when it is now. */
function differences(before: OwnLine, after: OwnLine): readonly Transfer[] {
  const [old, line] = [before.line, after.line];
  const isSameAccount = old.state === line.state && old.currency === line.currency;
  const [was, is] = [datesOf(before), datesOf(after)];
  const taken = isSameAccount
    ? taking(line, { taken: takenMore(was.taken, is.taken), undated: is.undated - was.undated })
    : [...taking(old, opposite(was)), ...taking(line, is)];
  if (isSameAccount && old.effective_ms === line.effective_ms) {
    return [...earned(line, line.amount_minor - old.amount_minor), ...taken];
  }
  return [...movedPosts(before, after), ...taken];
}

const opposite = ({ taken, undated }: Dates): Dates => ({
  taken: taken.map(([at_ms, minor]) => [at_ms, -minor]),
  undated: -undated,
});

/** A line that is of another time or period now: with its holdback, where that still runs. */
function movedTo(own: OwnLine, told: DispatchedLine): OwnLine {
  if (isInPlace(own, told)) return own;
  const { effective_ms, period_id, available_ms, bucket } = told;
  const line: Line = { ...own.line, effective_ms, period_id };
  const isWaiting = line.state === "pending" || line.state === "held";
  if (!isWaiting || told.late === true) return { ...own, line };
  const due_ms = bucket === "held" ? available_ms : null;
  return { ...own, available_ms, line: { ...line, state: bucket, due_ms } };
}

/** PL of a line that is elsewhere now: in another time, currency or bucket. */
function movedPosts(before: OwnLine, after: OwnLine): readonly Transfer[] {
  const [old, line] = [before.line, after.line];
  // Released since, it was held when it was posted; what is new of it is payable by now.
  const isReleased = line.state === "available" && after.available_ms !== null;
  const posted = (each: Line): Line =>
    each.state === "available" && isReleased ? { ...each, state: "held" } : each;
  const kept = isReleased ? old.amount_minor : line.amount_minor;
  return [
    ...earned(posted(old), -old.amount_minor),
    ...earned(posted(line), kept),
    ...earned(line, line.amount_minor - kept),
  ];
}

/**
 * Whether a computation anew comes too late for a line: it was paid on, and not so much. Its order
 * says so of what is held: a holdback that was over by then is over for all of its lines, released
 * yet or not, or one of them would give to one what another keeps.
 */
function isTooLate(line: Line, told: DispatchedLine): boolean {
  const { state } = line;
  const isPaid = state === "held" ? told.late === true : state === "available";
  return isPaid && isOther(line, told);
}

/** Who was paid on keeps what he was paid, but for what a cap takes of everybody. */
const underLimit = (line: Line, { limit_minor, currency }: DispatchedLine): number =>
  limit_minor === undefined || currency !== line.currency
    ? line.amount_minor
    : Math.min(line.amount_minor, limit_minor);

/** P3: the core's own line stands for it from now on; what is left of ours is undone. */
export function supersede(before: OwnLine, by: string, nowMs: number): OwnChange | undefined {
  const { line } = before;
  if (line.state === "superseded") return undefined;
  const transfers = move("P3", line, -leftOf(line));
  const superseded: Line = { ...line, state: "superseded", due_ms: null };
  const own = overdue({ ...before, line: superseded, superseded_by: by }, nowMs);
  return { own, transfers, isBackdated: false };
}

/** While the order was returned in part, the core's line is looked at again (MISSING_REVERSAL). */
function overdue(own: OwnLine, nowMs: number): OwnLine {
  if (own.superseded_by === undefined) return own;
  const line: Line = { ...own.line, state: "superseded" };
  const due_ms = line.reversed_minor > 0 ? (line.due_ms ?? nowMs + REVERSAL_MS_MAX) : null;
  return { ...own, line: { ...line, due_ms } };
}

/** P4: the holdback is over. Nothing while it is not, and where the line is not held. */
export function releaseOwn(before: OwnLine, nowMs: number): OwnChange | undefined {
  const { available_ms } = before;
  return available_ms === null || available_ms > nowMs ? undefined : freeOwn(before);
}

/** P4, whenever: the core says so. Nothing where the line is not held. */
export function freeOwn(before: OwnLine): OwnChange | undefined {
  const { line } = before;
  if (line.state !== "held") return undefined;
  const transfers = signedTransfer({
    rule: "P4",
    debit: bucketOf(line.distributor_id, "held"),
    credit: bucketOf(line.distributor_id, "available"),
    amount_minor: leftOf(line),
    currency: line.currency,
    reference: line.line_id,
  });
  const released: Line = { ...line, state: "available", due_ms: null };
  return { own: { ...before, line: released }, transfers, isBackdated: false };
}

/** The core confirmed nothing: what is left of a provisional line is undone. */
export function voidOwn(before: OwnLine): OwnChange | undefined {
  const { line } = before;
  if (line.state !== "pending") return undefined;
  const transfers = move("PL", line, -leftOf(line));
  return {
    own: { ...before, line: { ...line, state: "void", due_ms: null } },
    transfers,
    isBackdated: false,
  };
}

/** What the core's line should have been reversed by, of its own amount. */
export const expectedReversal = ({ line }: OwnLine, amount_minor: number): number =>
  proRata(amount_minor, line.reversed_minor, line.amount_minor, "down");
