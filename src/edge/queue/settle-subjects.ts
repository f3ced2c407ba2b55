import { firstBroken, GENESIS, type Sha256 } from "../../core/subject/chain.ts";
import type { Settlement } from "../../core/subject/settle.ts";
import type { MirrorTail, Position } from "../mirror.ts";
import type { Surroundings } from "../../core/subject/surroundings.ts";
import {
  kindOfSubject,
  type Mirrored,
  type ObjectKind,
  type SubjectCall,
  type SubjectReply,
  type Tail,
} from "../subject.ts";
import { bury } from "./loose-rows.ts";
import { within } from "../within.ts";
import type { Message as Sent } from "../message.ts";
import type { SubjectWork, Task, Work } from "./work.ts";

/** A log is read a page at a time; one that is further behind is followed by a later message. */
const PAGES_MAX = 20;

/** D1 can stall: the queue tries again rather than wait. */
const POSITIONS_MS_MAX = 10_000;

/** One subject's object, as the consumer calls it. */
export interface SubjectStub {
  settle(call: SubjectCall): Promise<SubjectReply>;
  logAfter(position: number): Promise<Tail>;
}

export interface SettlePorts {
  /** The index of the shard. */
  readonly shard: number;
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  readonly nowMs: () => number;
  /** A new stub each time: one that has thrown stays broken. */
  readonly subject: (object: ObjectKind, tenant: string, subject: string) => Promise<SubjectStub>;
  readonly positions: (
    subjects: readonly { readonly tenant: string; readonly subject: string }[],
  ) => Promise<readonly Position[]>;
  /** Stops a subject whose log and mirror disagree, and tells somebody. */
  readonly freeze: (tenant: string, subject: string, detail: string) => Promise<void>;
  readonly sha256: Sha256;
  /** See `UnpackPorts`. */
  readonly isSlow?: boolean;
}

/** Groups a batch by subject: one call of its object each, and one subject's failure its own. */
export function bySubject(works: readonly Work[]): readonly SubjectWork[] {
  const subjects = new Map<string, SubjectWork>();
  const find = (tenant: string, subject: string, object: ObjectKind): SubjectWork => {
    const name = `${tenant}/${subject}`;
    const known = subjects.get(name);
    if (known !== undefined) return known;
    const fresh = { ...workOn({ tenant, subject }), object };
    subjects.set(name, fresh);
    return fresh;
  };
  for (const work of works) {
    const { body } = work.message;
    if (work.failure !== undefined) continue;
    if (body.kind === "subject") {
      find(body.tenant, body.subject, kindOfSubject(body.subject)).calls.push(work);
    }
    for (const task of work.tasks) {
      if (task.route.kind !== "subject" || task.failure !== undefined) continue;
      const { arrival, object } = task.route;
      find(body.tenant, arrival.event.key, object).tasks.push(task);
    }
  }
  return [...subjects.values()];
}

/** A subject with nothing to do yet. */
export const workOn = ({
  tenant,
  subject,
}: {
  readonly tenant: string;
  readonly subject: string;
}): SubjectWork => ({
  tenant,
  subject,
  object: kindOfSubject(subject),
  tasks: [],
  calls: [],
  moves: [],
  wants: [],
  looked: [],
});

/** What a subject is told of the world. */
export type Around = (work: SubjectWork) => Surroundings | undefined;

const NOWHERE: Around = () => undefined;

/** Has every object settle its events, and brings what their logs have beyond the mirror. */
export async function settleAll(
  subjects: readonly SubjectWork[],
  ports: SettlePorts,
  around: Around = NOWHERE,
): Promise<readonly MirrorTail[]> {
  if (subjects.length === 0) return [];
  const known = await readPositions(subjects, ports);
  if (known === undefined) return [];
  const tails = await Promise.all(
    subjects.map((work) =>
      settleOne(work, known.get(`${work.tenant}/${work.subject}`), { ports, around }),
    ),
  );
  return tails.filter((tail) => tail !== undefined);
}

async function readPositions(
  subjects: readonly SubjectWork[],
  ports: SettlePorts,
): Promise<ReadonlyMap<string, Position> | undefined> {
  try {
    const positions = await within(POSITIONS_MS_MAX, () => ports.positions(subjects));
    return new Map(positions.map((at) => [`${at.tenant}/${at.subject}`, at]));
  } catch (error) {
    for (const work of subjects) fail(work, `Cannot read positions: ${String(error)}`);
    return undefined;
  }
}

interface Settling {
  readonly ports: SettlePorts;
  readonly around: Around;
}

async function settleOne(
  work: SubjectWork,
  at: Position | undefined,
  { ports, around }: Settling,
): Promise<MirrorTail | undefined> {
  if (at?.frozen === true) {
    buryAll(work, ports.nowMs());
    return undefined;
  }
  try {
    const base = { position: at?.position ?? 0, head: at?.head ?? "" };
    return await callObject(work, base, { ports, around });
  } catch (error) {
    fail(work, `Cannot settle: ${String(error)}`);
    return undefined;
  }
}

async function callObject(
  work: SubjectWork,
  base: Mirrored,
  { ports, around }: Settling,
): Promise<MirrorTail | undefined> {
  const { tenant, subject } = work;
  const stub = await ports.subject(work.object, tenant, subject);
  const undecided = work.tasks.filter(({ settlement }) => settlement === undefined);
  const surroundings = around(work);
  const reply = await stub.settle({
    ...callOf(work, undecided, ports.shard),
    mirrored: base,
    ...(surroundings === undefined ? {} : { surroundings }),
  });
  if (reply.kind === "forked") {
    return stop(work, `The log ends at ${reply.position}, mirrored were ${base.position}`, ports);
  }
  if (reply.kind === "broken") return stop(work, brokenAt(reply.position), ports);
  work.wants = reply.wants;
  for (const [i, task] of undecided.entries()) record(task, reply.settlements[i]);
  const read = await wholeTail(stub, reply.tail, ports.sha256);
  if (read.kind === "broken") return stop(work, brokenAt(read.position), ports);
  const { isWhole, tail } = read;
  work.upTo = tail.rows.at(-1)?.position ?? base.position;
  if (!isWhole) await ports.send({ kind: "subject", tenant, subject }, 0);
  return { tenant, subject, base, ...tail, ...markOf(work, ports) };
}

/**
 * By the slow queue, who asks for nothing but the tail fills a mirror that has lost something. Who wants
 * something besides only happens to bring what live lines are in it: each row says how it came.
 */
const markOf = ({ calls }: SubjectWork, { isSlow }: SettlePorts): Pick<MirrorTail, "isAgain"> =>
  isSlow === true && calls.some(({ message: { body } }) => isForTail(body))
    ? { isAgain: true }
    : {};

const isForTail = (body: Sent): boolean =>
  body.kind === "subject" &&
  body.redrive === undefined &&
  body.discard === undefined &&
  body.moves === undefined;

const brokenAt = (position: number): string =>
  `Row ${position} of its log is not what its chain says: nothing of it from there on was mirrored`;

/** Freezes a subject; its events wait among the dead. */
async function stop(work: SubjectWork, detail: string, ports: SettlePorts): Promise<undefined> {
  await ports.freeze(work.tenant, work.subject, detail);
  buryAll(work, ports.nowMs());
  return undefined;
}

function callOf(
  work: SubjectWork,
  tasks: readonly Task[],
  shard: number,
): Omit<SubjectCall, "mirrored"> {
  const { tenant, subject, calls, moves, wants } = work;
  const asked = (what: "redrive" | "discard") =>
    calls.flatMap(({ message: { body } }) => (body.kind === "subject" ? (body[what] ?? []) : []));
  const told = calls.flatMap(({ message: { body } }) =>
    body.kind === "subject" ? (body.moves ?? []) : [],
  );
  return {
    tenant,
    subject,
    shard,
    arrivals: tasks.flatMap(({ route }) => (route.kind === "subject" ? [route.arrival] : [])),
    moves: [...moves, ...told],
    // What wanted to look around a moment ago is among the undecided, or kept.
    redrive: [...asked("redrive"), ...wants.map(({ eventId }) => eventId)],
    discard: asked("discard"),
  };
}

type TailRead =
  | {
      readonly kind: "read";
      readonly tail: Pick<MirrorTail, "rows" | "view">;
      readonly isWhole: boolean;
    }
  | { readonly kind: "broken"; readonly position: number };

/** The object has looked at the first page itself; the chain of further ones is computed here. */
async function wholeTail(stub: SubjectStub, first: Tail, sha256: Sha256): Promise<TailRead> {
  const rows = [...first.rows];
  let tail = first;
  for (let page = 1; tail.more && page < PAGES_MAX; page += 1) {
    const from = rows.at(-1) ?? { position: 0, hash: GENESIS };
    tail = await stub.logAfter(from.position);
    const broken = firstBroken(tail.rows, from, sha256);
    if (broken !== undefined) return { kind: "broken", position: broken };
    rows.push(...tail.rows);
  }
  const view = tail.view === undefined ? {} : { view: tail.view };
  return { kind: "read", tail: { rows, ...view }, isWhole: !tail.more };
}

function record(task: Task, settlement: Settlement | undefined): void {
  if (settlement === undefined || settlement.kind === "wants") return;
  task.settlement = settlement;
  if (settlement.kind === "failed") task.failure = settlement.error;
}

function fail(work: SubjectWork, failure: string): void {
  work.failure = failure;
  for (const task of work.tasks) task.failure = failure;
  for (const call of work.calls) call.failure = failure;
}

/** A frozen subject takes nothing in: its events wait among the dead until a person decides. */
function buryAll(work: SubjectWork, nowMs: number): void {
  const reason = "The subject is frozen: its log and its mirror disagree";
  for (const task of work.tasks) bury(task, { code: "subject_frozen", reason, nowMs });
  work.failure = reason;
  // Nothing is to be mirrored from here until then.
  work.calls.length = 0;
}
