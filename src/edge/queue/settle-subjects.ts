import type { MirrorTail, Position } from "../mirror.ts";
import type { Mirrored, SubjectCall, SubjectReply, Tail } from "../subject.ts";
import type { ObjectKind } from "./arrival.ts";
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
}

/** Groups a batch by subject: one call of its object each, and one subject's failure its own. */
export function bySubject(works: readonly Work[]): readonly SubjectWork[] {
  const subjects = new Map<string, SubjectWork>();
  const find = (tenant: string, subject: string, object: ObjectKind): SubjectWork => {
    const name = `${tenant}/${subject}`;
    const known = subjects.get(name);
    if (known !== undefined) return known;
    const fresh: SubjectWork = { tenant, subject, object, tasks: [], calls: [] };
    subjects.set(name, fresh);
    return fresh;
  };
  for (const work of works) {
    const { body } = work.message;
    if (work.failure !== undefined) continue;
    if (body.kind === "subject") {
      const object = body.subject.startsWith("dist:") ? "distributor" : "record";
      find(body.tenant, body.subject, object).calls.push(work);
    }
    for (const task of work.tasks) {
      if (task.route.kind !== "subject") continue;
      const { arrival, object } = task.route;
      find(body.tenant, arrival.event.key, object).tasks.push(task);
    }
  }
  return [...subjects.values()];
}

/** Has every object settle its events, and brings what their logs have beyond the mirror. */
export async function settleAll(
  subjects: readonly SubjectWork[],
  ports: SettlePorts,
): Promise<readonly MirrorTail[]> {
  if (subjects.length === 0) return [];
  const known = await readPositions(subjects, ports);
  if (known === undefined) return [];
  const tails = await Promise.all(
    subjects.map((work) => settleOne(work, known.get(`${work.tenant}/${work.subject}`), ports)),
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

async function settleOne(
  work: SubjectWork,
  at: Position | undefined,
  ports: SettlePorts,
): Promise<MirrorTail | undefined> {
  if (at?.frozen === true) {
    buryAll(work, ports.nowMs());
    return undefined;
  }
  try {
    return await callObject(work, { position: at?.position ?? 0, head: at?.head ?? "" }, ports);
  } catch (error) {
    fail(work, `Cannot settle: ${String(error)}`);
    return undefined;
  }
}

async function callObject(
  work: SubjectWork,
  base: Mirrored,
  ports: SettlePorts,
): Promise<MirrorTail | undefined> {
  const { tenant, subject } = work;
  const stub = await ports.subject(work.object, tenant, subject);
  const reply = await stub.settle({ ...callOf(work, ports.shard), mirrored: base });
  if (reply.kind === "forked") {
    const detail = `The log ends at ${reply.position}, mirrored were ${base.position}`;
    await ports.freeze(tenant, subject, detail);
    buryAll(work, ports.nowMs());
    return undefined;
  }
  for (const [i, task] of work.tasks.entries()) record(task, reply.settlements[i]);
  const { isWhole, ...tail } = await wholeTail(stub, reply.tail);
  work.upTo = tail.rows.at(-1)?.position ?? base.position;
  if (!isWhole) await ports.send({ kind: "subject", tenant, subject }, 0);
  return { tenant, subject, base, ...tail };
}

function callOf(work: SubjectWork, shard: number): Omit<SubjectCall, "mirrored"> {
  const { tenant, subject, tasks, calls } = work;
  const asked = (what: "redrive" | "discard") =>
    calls.flatMap(({ message: { body } }) => (body.kind === "subject" ? (body[what] ?? []) : []));
  return {
    tenant,
    subject,
    shard,
    arrivals: tasks.flatMap(({ route }) => (route.kind === "subject" ? [route.arrival] : [])),
    redrive: asked("redrive"),
    discard: asked("discard"),
  };
}

async function wholeTail(
  stub: SubjectStub,
  first: Tail,
): Promise<Pick<MirrorTail, "rows" | "view"> & { readonly isWhole: boolean }> {
  const rows = [...first.rows];
  let tail = first;
  for (let page = 1; tail.more && page < PAGES_MAX; page += 1) {
    tail = await stub.logAfter(rows.at(-1)?.position ?? 0);
    rows.push(...tail.rows);
  }
  return { rows, isWhole: !tail.more, ...(tail.view === undefined ? {} : { view: tail.view }) };
}

function record(task: Task, settlement: Task["settlement"]): void {
  if (settlement === undefined) return;
  task.settlement = settlement;
  if (settlement.kind === "failed") task.failure = settlement.error;
}

function fail(work: SubjectWork, failure: string): void {
  for (const task of work.tasks) task.failure = failure;
  for (const call of work.calls) call.failure = failure;
}

/** A frozen subject takes nothing in: its events wait among the dead until a person decides. */
function buryAll(work: SubjectWork, nowMs: number): void {
  const reason = "The subject is frozen: its log and its mirror disagree";
  for (const task of work.tasks) bury(task, { code: "subject_frozen", reason, nowMs });
  // Nothing is to be mirrored from here until then.
  work.calls.length = 0;
}
