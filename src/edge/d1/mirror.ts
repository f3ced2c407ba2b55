import { isOutage } from "../outage.ts";
import { within } from "../within.ts";
import type { LooseEvent, LooseRows, Mirroring, MirrorTail, Position } from "../mirror.ts";
import { type CountedLines, countedLines } from "./count-lines.ts";
import { NO_LOOSE_ROWS } from "./loose.ts";
import {
  type LaidDelivery,
  layDeliveries,
  type SubscriptionsByTenant,
  tellingTails,
} from "./outbound/lay.ts";
import { projectBatch } from "./project.ts";

/** Rows of logs in one D1 batch, and their text: keeps each JSON parameter under D1's 2 MB a value. */
const ROWS_MAX = 800;
const ENTRY_CHARS_MAX = 700_000;
/** Text of loose rows in one batch: half of D1's limit for one value. */
const LOOSE_CHARS_MAX = 1_000_000;
/** D1 is known to stall for tens of seconds: the queue tries again rather than wait. */
const BATCH_MS_MAX = 20_000;
/** How long one slice may spend on finding the rows that D1 refuses. */
const HALVING_MS_MAX = 60_000;

/** Rows of deliveries in one D1 batch: fifty destinations can want each of a thousand events. */
const DELIVERIES_MAX = 5000;
/** Whoever knows no subscriptions of a tenant yet waits for them no longer: the queue tries again. */
const SUBSCRIPTIONS_MS_MAX = 5000;

class SubscriptionsUnknown extends Error {
  override readonly name = "SubscriptionsUnknown";
}

const NOBODY: SubscriptionsByTenant = new Map();

export interface MirrorMore {
  /** When the batch was begun that brings the tails. */
  readonly begunMs?: number | undefined;
  /**
   * Subscriptions of these tenants; absent where nobody is to be told. Asked once at most, and only
   * where a row has something to tell. Where it fails, what would tell is written later.
   */
  readonly subscriptions?: (tenants: readonly string[]) => Promise<SubscriptionsByTenant>;
}

/** A destination for which something was laid. */
export interface ToldDestination {
  readonly tenant: string;
  readonly destination: string;
}

/** What was mirrored, and who may have something to send now. */
export interface MirroredAndTold extends Mirroring {
  readonly told: readonly ToldDestination[];
}

/**
 * Writes everything a queue batch has to say to D1. A batch that D1 refuses is halved until the row
 * that is wrong stands alone: its subject waits, the others go on. Throws nothing.
 */
export async function mirror(
  db: D1Database,
  tails: readonly MirrorTail[],
  loose: LooseRows,
  { begunMs, subscriptions }: MirrorMore = {},
): Promise<MirroredAndTold> {
  const startedMs = Date.now();
  const telling = subscriptions === undefined ? [] : tellingTails(tails, startedMs);
  const tenants = [...new Set(telling.map(({ tenant }) => tenant))];
  // The limit is the question's own: whoever asks for its answer again waits no second time.
  const wanted = once(() =>
    within(SUBSCRIPTIONS_MS_MAX, async () => (await subscriptions?.(tenants)) ?? NOBODY),
  );
  const told = new Map<string, ToldDestination>();
  const run: Run = {
    db,
    begunMs,
    wanted,
    told,
    positions: [],
    errors: [],
    startedMs,
    isOut: false,
  };
  const unwritten = new Set<string>();
  const [first = NO_LOOSE_ROWS, ...more] = inLooseParts(loose);
  const [part = [], ...parts] = inParts(tails);
  // As a rule this one batch is all there is.
  if (!(await attempt(run, part, first))) {
    await writeLoose(run, first, unwritten);
    await halve(run, part);
  }
  for (const further of more) await writeLoose(run, further, unwritten);
  for (const further of parts) await writeTails(run, further);
  const positions = latest(run.positions);
  return { positions, unwritten, errors: run.errors, told: [...told.values()] };
}

interface Run {
  readonly db: D1Database;
  readonly begunMs: number | undefined;
  /** What whoever has something to tell is wanted to tell. */
  readonly wanted: () => Promise<SubscriptionsByTenant>;
  readonly told: Map<string, ToldDestination>;
  readonly positions: Position[];
  readonly errors: string[];
  readonly startedMs: number;
  isOut: boolean;
}

async function attempt(run: Run, part: readonly MirrorTail[], loose: LooseRows): Promise<boolean> {
  if (part.length === 0 && isEmpty(loose)) return true;
  const counted = countedLines(part, run.begunMs);
  const isWritten = await write(run, part, loose, counted);
  if (isWritten || counted.length === 0) return isWritten;
  // Figures are the last thing that anybody may wait for: without them, then.
  return write(run, part, loose, []);
}

async function write(
  run: Run,
  part: readonly MirrorTail[],
  loose: LooseRows,
  counted: readonly CountedLines[],
): Promise<boolean> {
  if (run.isOut) return false;
  try {
    const deliveries = await deliveriesOf(run, part);
    // Of half of them each half tells half: `halve` does what fits.
    if (deliveries.length > DELIVERIES_MAX && canHalve(part)) return false;
    const project = () => projectBatch(run.db, part, loose, { counted, deliveries });
    run.positions.push(...(await within(BATCH_MS_MAX, project)));
    noteTold(run, deliveries);
    return true;
  } catch (error) {
    const said = String(error);
    if (!run.errors.includes(said)) run.errors.push(said);
    // Not one row is wrong then: asking again would only add to it.
    const isElsewhere = error instanceof SubscriptionsUnknown;
    run.isOut = (isOutage(error) && !isElsewhere) || Date.now() - run.startedMs > HALVING_MS_MAX;
    return false;
  }
}

async function deliveriesOf(
  { wanted, startedMs }: Run,
  part: readonly MirrorTail[],
): Promise<readonly LaidDelivery[]> {
  const telling = tellingTails(part, startedMs);
  if (telling.length === 0) return [];
  return layDeliveries(telling, await known(wanted), startedMs);
}

/** Where they cannot be read, what would tell waits, and nothing else does: it is no outage of the mirror. */
async function known(wanted: Run["wanted"]): Promise<SubscriptionsByTenant> {
  try {
    return await wanted();
  } catch (error) {
    throw new SubscriptionsUnknown(String(error), { cause: error });
  }
}

const canHalve = (part: readonly MirrorTail[]): boolean =>
  part.length > 1 || (part[0]?.rows.length ?? 0) > 1;

function noteTold({ told }: Run, deliveries: readonly LaidDelivery[]): void {
  for (const { t: tenant, destination } of deliveries) {
    told.set(`${tenant}/${destination}`, { tenant, destination });
  }
}

/** Asks once, whatever comes of it. */
function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => (asked ??= ask());
}

const isEmpty = ({ events, revived }: LooseRows): boolean => events.length + revived.length === 0;

const writeTails = async (run: Run, part: readonly MirrorTail[]): Promise<boolean> =>
  (await attempt(run, part, NO_LOOSE_ROWS)) || halve(run, part);

async function halve(run: Run, part: readonly MirrorTail[]): Promise<boolean> {
  if (part.length > 1) {
    const middle = Math.ceil(part.length / 2);
    const isFirst = await writeTails(run, part.slice(0, middle));
    return (await writeTails(run, part.slice(middle))) && isFirst;
  }
  const halves = part[0] === undefined ? undefined : halfTails(part[0]);
  if (halves === undefined) return part.length === 0;
  // The later half continues from the earlier: without that one it cannot be written.
  return (await writeTails(run, [halves.earlier])) && writeTails(run, [halves.later]);
}

/** Rows outside any tail stand alone each: one that D1 refuses is named, the others are written. */
async function writeLoose(run: Run, loose: LooseRows, unwritten: Set<string>): Promise<void> {
  if (await attempt(run, [], loose)) return;
  const { events, revived } = loose;
  const rows = events.length + revived.length;
  if (run.isOut || rows === 1) {
    for (const { eventId } of [...events, ...revived]) unwritten.add(eventId);
    return;
  }
  const [e, r] = [Math.ceil(events.length / 2), Math.floor(revived.length / 2)];
  const halves = [
    { events: events.slice(0, e), revived: revived.slice(0, r) },
    { events: events.slice(e), revived: revived.slice(r) },
  ];
  for (const half of halves) await writeLoose(run, half, unwritten);
}

/** Rows that no object logs, in parts that fit; a retry's message can be as large as a body. */
function inLooseParts({ events, revived }: LooseRows): readonly LooseRows[] {
  const parts: LooseEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const chars = JSON.stringify(event).length;
    const part = parts.at(-1);
    if (part === undefined || chars > room) {
      parts.push([event]);
      room = LOOSE_CHARS_MAX - chars;
    } else {
      part.push(event);
      room -= chars;
    }
  }
  const rows: LooseRows[] = parts.map((part) => ({ events: part, revived: [] }));
  return revived.length === 0 ? rows : [...rows, { events: [], revived }];
}

/** Groups tails so that each batch stays within what D1 takes; a long tail is cut. */
function inParts(tails: readonly MirrorTail[]): readonly (readonly MirrorTail[])[] {
  const parts: MirrorTail[][] = [];
  let room = 0;
  for (const tail of tails.flatMap(cut)) {
    const part = parts.at(-1);
    const share = shareOf(tail);
    if (part === undefined || share > room) {
      parts.push([tail]);
      room = 1 - share;
    } else {
      part.push(tail);
      room -= share;
    }
  }
  return parts;
}

/** How much of a batch a tail takes: an order's row can be as long as its upline is deep. */
function shareOf({ rows }: MirrorTail): number {
  const chars = rows.reduce((sum, { entry }) => sum + entry.length, 0);
  return Math.max(rows.length / ROWS_MAX, chars / ENTRY_CHARS_MAX);
}

function cut(tail: MirrorTail): readonly MirrorTail[] {
  if (shareOf(tail) <= 1) return [tail];
  const halves = halfTails(tail);
  return halves === undefined ? [tail] : [...cut(halves.earlier), ...cut(halves.later)];
}

/** Splits a tail; the view belongs to its last row. Nothing where there is nothing to split. */
function halfTails({ view, ...tail }: MirrorTail) {
  const middle = Math.floor(tail.rows.length / 2);
  const before = tail.rows[middle - 1];
  if (before === undefined) return undefined;
  const base = { position: before.position, head: before.hash };
  const later: MirrorTail = { ...tail, base, rows: tail.rows.slice(middle) };
  return {
    earlier: { ...tail, rows: tail.rows.slice(0, middle) },
    later: view === undefined ? later : { ...later, view },
  };
}

/** A subject that was written in several parts was read back as often: the last reading counts. */
function latest(positions: readonly Position[]): readonly Position[] {
  const bySubject = new Map<string, Position>();
  for (const position of positions) {
    bySubject.set(`${position.tenant}/${position.subject}`, position);
  }
  return [...bySubject.values()];
}
