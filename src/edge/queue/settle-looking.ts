import type { Surroundings, Want } from "../../core/subject/surroundings.ts";
import type { MirrorTail } from "../mirror.ts";
import { within } from "../within.ts";
import { settleAll, type SettlePorts } from "./settle-subjects.ts";
import type { SubjectWork } from "./work.ts";

/** D1 can stall: the queue tries again rather than wait. */
const READ_MS_MAX = 10_000;

export interface Ask extends Want {
  readonly tenant: string;
}

export const askName = ({ tenant, node, at_ms }: Ask): string =>
  JSON.stringify([tenant, node, at_ms]);

/** How the surroundings of a kind of object are read. */
export interface Looking {
  /** How often an object may find that it wants to look elsewhere. */
  readonly looksMax: number;
  /** What the events are known to want before they are settled. */
  readonly foreseen: (work: SubjectWork) => readonly Ask[];
  /** Reads what these ask; what was read before is remembered. */
  readonly read: (works: readonly SubjectWork[], asks: readonly Ask[]) => Promise<void>;
  /** What was read of it so far. */
  readonly around: (work: SubjectWork) => Surroundings | undefined;
}

/** What a subject turned out to want. */
export const wantedBy = ({ tenant, wants }: SubjectWork): readonly Ask[] =>
  wants.map(({ want }) => ({ tenant, ...want }));

const nameOf = ({ tenant, subject }: { readonly tenant: string; readonly subject: string }) =>
  `${tenant}/${subject}`;

/**
 * Settles with what the events are known to want, and again with what they turn out to want. What
 * is decided by then is handed out whole; what still wants something comes again.
 */
export async function settleLooking(
  works: readonly SubjectWork[],
  ports: SettlePorts,
  looking: Looking,
): Promise<readonly MirrorTail[]> {
  const tails = new Map<string, MirrorTail>();
  let open = works;
  let asks = works.flatMap(looking.foreseen);
  for (let look = 0; open.length > 0 && look < looking.looksMax; look += 1) {
    const distinct = [...new Map(asks.map((ask) => [askName(ask), ask])).values()];
    try {
      await within(READ_MS_MAX, () => looking.read(open, distinct));
    } catch (error) {
      failAll(open, `Cannot look around: ${String(error)}`);
      return [...tails.values()];
    }
    for (const work of open)
      work.looked.push(...(look === 0 ? looking.foreseen(work) : wantedBy(work)));
    for (const tail of await settleAll(open, ports, looking.around)) tails.set(nameOf(tail), tail);
    open = open.filter(({ wants, failure }) => wants.length > 0 && failure === undefined);
    asks = open.flatMap(wantedBy);
  }
  failAll(open, "It wants to look elsewhere");
  return [...tails.values()];
}

function failAll(works: readonly SubjectWork[], failure: string): void {
  for (const work of works) {
    for (const task of work.tasks) if (task.settlement === undefined) task.failure ??= failure;
    for (const call of work.calls) call.failure ??= failure;
  }
}
