import type { Move } from "../../core/subject/move.ts";
import type { Log } from "../log.ts";
import type { SubjectMessage } from "../message.ts";

/** Lines told in one run: a message each at most, within a minute's worth of time. */
export const DUE_LINES_MAX = 2000;
/** What one call of a queue takes. */
const SENT_AT_ONCE_MAX = 100;
/** A core that has confirmed nothing so long after its close will not (DOMAIN §12.5). */
export const VOID_AFTER_MS = 72 * 3_600_000;

/** A line that cron has something to tell of. */
export interface DueLine {
  readonly tenant: string;
  readonly distributorId: string;
  readonly lineId: string;
}

export interface DuePage {
  readonly items: readonly DueLine[];
  /** Where the next page begins; none at the end. */
  readonly next?: string;
}

export interface DuePorts {
  readonly page: (cursor: string | undefined, nowMs: number, limit: number) => Promise<DuePage>;
  readonly sendAll: (messages: readonly SubjectMessage[]) => Promise<void>;
  readonly load: () => Promise<DueState | undefined>;
  readonly save: (state: DueState) => Promise<void>;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** Where the next run goes on. Without it, lines that nobody can settle would stop the others. */
export interface DueState {
  readonly cursor?: string;
}

/**
 * Tells objects of lines whose time has come: a holdback is over, a reversal overdue. The object
 * decides; told twice, or too early, it changes nothing.
 */
export const releaseDue = (ports: DuePorts): Promise<DueState> =>
  tellPage(ports, { kind: "due", job: "lines_due" });

/**
 * Tells objects of provisional lines whose period the core closed {@link VOID_AFTER_MS} ago and
 * never confirmed. A core's line that comes later still counts: what it replaces is nothing then.
 */
export const voidPending = (ports: DuePorts): Promise<DueState> =>
  tellPage(ports, { kind: "void", job: "lines_void" });

async function tellPage(
  { page, sendAll, load, save, log, nowMs }: DuePorts,
  { kind, job }: { readonly kind: "due" | "void"; readonly job: string },
): Promise<DueState> {
  const before = await load();
  const { items, next } = await page(before?.cursor, nowMs(), DUE_LINES_MAX);
  const messages = messagesFor(items, kind);
  for (let i = 0; i < messages.length; i += SENT_AT_ONCE_MAX) {
    await sendAll(messages.slice(i, i + SENT_AT_ONCE_MAX));
  }
  if (items.length > 0) log("info", job, { lines: items.length, distributors: messages.length });
  const state: DueState = next === undefined ? {} : { cursor: next };
  // As a rule nothing is due: then nothing is written either.
  if (state.cursor !== before?.cursor) await save(state);
  return state;
}

/** One message a distributor. */
function messagesFor(items: readonly DueLine[], kind: "due" | "void"): readonly SubjectMessage[] {
  const moves = new Map<string, SubjectMessage & { readonly moves: Move[] }>();
  for (const { tenant, distributorId, lineId } of items) {
    const subject = `dist:${distributorId}`;
    const name = `${tenant}/${subject}`;
    const message = moves.get(name) ?? { kind: "subject", tenant, subject, moves: [] };
    message.moves.push({ kind, line_id: lineId });
    moves.set(name, message);
  }
  return [...moves.values()];
}
