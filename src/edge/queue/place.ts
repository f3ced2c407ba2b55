import type { Recruit } from "../../core/genealogy/placement-person.ts";
import { hasMatrix, widthAt } from "../../core/genealogy/placement-width.ts";
import type { Plan } from "../../core/plans/plan.ts";
import { entryOf } from "../log-entry.ts";
import type { LogRow } from "../../core/subject/chain.ts";
import type { Move } from "../../core/subject/move.ts";
import type { Message as Sent } from "../message.ts";
import type { Mirroring, MirrorTail } from "../mirror.ts";
import { within } from "../within.ts";
import { workOn } from "./settle-subjects.ts";
import type { SubjectWork, Task } from "./work.ts";

/** D1 can stall: the queue tries again rather than wait. */
const READ_MS_MAX = 10_000;

/** Enrolments that one row of a tree's log is about: bounds what it keeps in memory for it. */
const PART_MAX = 5000;

export interface PlacePorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  /** Every version of these tenants' plans. */
  readonly plans: (tenants: readonly string[]) => Promise<ReadonlyMap<string, readonly Plan[]>>;
  /** What the mirror has of these people; of everybody, where a tenant's tree knows nobody yet. */
  readonly enrolments: (
    asks: readonly { readonly tenant: string; readonly nodes: readonly string[] }[],
  ) => Promise<ReadonlyMap<string, Enrolments>>;
}

interface Enrolments {
  readonly enrolments: readonly Omit<Recruit, "width">[];
  readonly isWhole: boolean;
}

/** What a batch has to do with the people of a tenant that a tree may have to find slots for. */
export interface Enrolled {
  readonly tenant: string;
  readonly plans: readonly Plan[];
  readonly nodes: readonly string[];
  /** Where they were enrolled: to come again, if the tree cannot be told. */
  readonly works: readonly SubjectWork[];
  /** What brought the first of them. */
  readonly eventId: string;
}

type PlaceMove = Extract<Move, { readonly kind: "place" }>;

/** Those of a batch's people whom a matrix may have to find slots for; as a rule there are none. */
export async function enrolledIn(
  works: readonly SubjectWork[],
  tails: readonly MirrorTail[],
  ports: PlacePorts,
): Promise<readonly Enrolled[]> {
  const tailOf = new Map(tails.map((tail) => [nameOf(tail), tail]));
  const concerned = works.flatMap((work) => {
    const eventId = enrolmentIn(work, tailOf.get(nameOf(work))) ?? askedToPlace(work);
    return eventId === undefined ? [] : [{ work, eventId }];
  });
  if (concerned.length === 0) return [];
  const byTenant = Map.groupBy(concerned, ({ work }) => work.tenant);
  try {
    const known = await within(READ_MS_MAX, () => ports.plans([...byTenant.keys()]));
    return [...byTenant].flatMap(([tenant, of]) => {
      const plans = known.get(tenant) ?? [];
      if (!hasMatrix(plans)) return [];
      const own = of.map(({ work }) => work);
      const people = own.filter(({ object }) => object === "distributor");
      const nodes = people.map(({ subject }) => subject.slice("dist:".length));
      return [{ tenant, plans, nodes, works: own, eventId: of[0]?.eventId ?? "" }];
    });
  } catch (error) {
    for (const { work } of concerned) fail(work, `Cannot read plans: ${String(error)}`);
    return [];
  }
}

/** The event of an enrolment that was brought, or that a crash had left unmirrored. */
function enrolmentIn({ tasks }: SubjectWork, tail?: MirrorTail): string | undefined {
  const brought = tasks.find(isEnrolment);
  if (brought !== undefined) return brought.eventId;
  const row = tail?.rows.find(({ entry }) => entry.includes('"kind":"enrolment"'));
  return row && eventOf(row);
}

function askedToPlace({ calls }: SubjectWork): string | undefined {
  for (const { message } of calls) {
    const { body } = message;
    const move = body.kind === "subject" && body.moves?.find(({ kind }) => kind === "place");
    if (move) return "event_id" in move ? move.event_id : "";
  }
  return undefined;
}

/**
 * Tells the trees of people who are to be placed, all of whom are mirrored by now. Whoever could not
 * be told of comes again: an enrolment is done with when its tree has it.
 */
export async function tellTrees(
  enrolled: readonly Enrolled[],
  trees: readonly SubjectWork[],
  ports: PlacePorts,
): Promise<readonly SubjectWork[]> {
  if (enrolled.length === 0) return trees;
  try {
    const read = await within(READ_MS_MAX, () => ports.enrolments(enrolled));
    const told = [...trees];
    for (const one of enrolled) {
      const known = told.find(({ tenant }) => tenant === one.tenant);
      const work = known ?? workOn({ tenant: one.tenant, subject: `tree:${one.tenant}` });
      if (known === undefined) told.push(work);
      work.moves.push(...placeMoves(one, read.get(one.tenant)));
    }
    return told;
  } catch (error) {
    failAll(enrolled, `Cannot read enrolments: ${String(error)}`);
    return trees;
  }
}

function placeMoves({ plans, eventId }: Enrolled, read?: Enrolments): readonly PlaceMove[] {
  const { enrolments = [], isWhole = false } = read ?? {};
  const recruits = enrolments.map((one) => ({ ...one, width: widthAt(plans, one.joined_ms) }));
  const move = (own: readonly Recruit[], of: PlaceMove["of"]): PlaceMove => ({
    kind: "place",
    recruits: own,
    of,
    event_id: eventId,
  });
  const parts: PlaceMove[] = [];
  let rest = recruits;
  for (; rest.length > PART_MAX; rest = rest.slice(PART_MAX)) {
    parts.push(move(rest.slice(0, PART_MAX), "part"));
  }
  return [...parts, move(rest, isWhole ? "all" : "some")];
}

/** Has trees go on that were not done. */
export async function goOnPlacing(
  trees: readonly MirrorTail[],
  enrolled: readonly Enrolled[],
  ports: PlacePorts,
): Promise<void> {
  for (const { tenant, subject, rows } of trees) {
    const last = rows.findLast((row) => entryOf(row).effects.unfinished === true);
    if (last === undefined) continue;
    const event_id = eventOf(last);
    const move: PlaceMove = { kind: "place", recruits: [], of: "some", event_id };
    try {
      await ports.send({ kind: "subject", tenant, subject, moves: [move] }, 0);
    } catch (error) {
      failAll(enrolled, `Cannot go on placing: ${String(error)}`);
    }
  }
}

/** Has enrolments come again whose tree was not told of them, or is not mirrored. */
export function failUnplaced(
  enrolled: readonly Enrolled[],
  trees: readonly SubjectWork[],
  { positions }: Pick<Mirroring, "positions">,
): void {
  const reached = new Map(positions.map((at) => [nameOf(at), at.position]));
  for (const { tenant, subject, upTo, failure = "its tree is not mirrored" } of trees) {
    // Only an object that answered has a log that ends somewhere.
    if (upTo !== undefined && upTo <= (reached.get(nameOf({ tenant, subject })) ?? -1)) continue;
    const unplaced = enrolled.filter((one) => one.tenant === tenant);
    failAll(unplaced, `Cannot be placed: ${failure}`);
  }
}

const nameOf = ({ tenant, subject }: { readonly tenant: string; readonly subject: string }) =>
  `${tenant}/${subject}`;

function failAll(enrolled: readonly Enrolled[], failure: string): void {
  for (const work of enrolled.flatMap(({ works }) => works)) fail(work, failure);
}

function fail({ tasks, calls }: SubjectWork, failure: string): void {
  for (const task of tasks.filter(isEnrolment)) task.failure ??= failure;
  for (const call of calls) call.failure ??= failure;
}

const isEnrolment = ({ route }: Task): boolean =>
  route.kind === "subject" && route.arrival.event.type === "distributor.enrolled";

function eventOf(row: LogRow): string {
  const { event, cause } = entryOf(row);
  return event?.event_id ?? cause?.event_id ?? "";
}
