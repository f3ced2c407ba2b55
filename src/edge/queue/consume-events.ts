import { partArchive } from "../archive/archive.ts";
import { uuidV7 } from "../event-id.ts";
import { conclude, type ConcludePorts, markUncovered } from "./conclude.ts";
import { looseRows } from "./loose-rows.ts";
import type { Message as Sent } from "../message.ts";
import type { LooseRows, Mirroring, MirrorTail } from "../mirror.ts";
import { type ParkedPorts, readParked, returnsFirst } from "./parked.ts";
import { putBy, putByLate, type PutByPorts } from "./put-by.ts";
import { type AliasPorts, followAliases } from "./aliases.ts";
import { merged, settleInTurn, type TurnPorts } from "./settle-in-turn.ts";
import { lookAgain } from "./look-again.ts";
import { restoreLost, type RestorePorts } from "./restore-lost.ts";
import { continueRecompute, recompute, type RecomputePorts } from "./recompute.ts";
import { type DebtPorts, reportDebts } from "./report-debts.ts";
import { keepPlaces, type KeepPorts, readingsOf } from "./keep-places.ts";
import { bySubject } from "./settle-subjects.ts";
import { eventsIn, inSlices } from "./slices.ts";
import { askGaps, type GapAskPorts, tellGaps } from "./ask-gaps.ts";
import { unpack } from "./unpack.ts";
import { wake, type WakePorts } from "./wake.ts";
import type { Work } from "./work.ts";

export interface EventsPorts
  extends
    ParkedPorts,
    PutByPorts,
    AliasPorts,
    TurnPorts,
    WakePorts,
    RecomputePorts,
    DebtPorts,
    GapAskPorts,
    RestorePorts,
    KeepPorts,
    ConcludePorts {
  /** `startedMs` says when the batch was begun that brings these tails. */
  readonly mirror: (
    tails: readonly MirrorTail[],
    loose: LooseRows,
    startedMs?: number,
  ) => Promise<Mirroring>;
}

/** Beyond this an invocation would run out of its 10 000 subrequests: the rest is sent again. */
const INVOCATION_EVENTS_MAX = 6_000;

/**
 * Takes one queue batch, in slices that fit into memory: a batch of a hundred messages is a hundred
 * events as a rule, but each can be a delivery of a thousand.
 */
export async function consumeEvents(
  messages: readonly Message<Sent>[],
  ports: EventsPorts,
): Promise<void> {
  let events = 0;
  for (const slice of inSlices(messages)) {
    if (events > INVOCATION_EVENTS_MAX) await putBack(slice, ports);
    else await consumeSlice(slice, ports);
    events += slice.reduce((sum, { body }) => sum + eventsIn(body), 0);
  }
}

/** Sends untried messages again: a retry would count as an attempt that none of them has had. */
async function putBack(messages: readonly Message<Sent>[], ports: EventsPorts): Promise<void> {
  for (const message of messages) {
    try {
      await ports.send(message.body, 0);
      message.ack();
    } catch {
      message.retry();
    }
  }
}

/** Every message's events, and what waits in the mirror for payments among them. */
async function unpackAll(
  messages: readonly Message<Sent>[],
  objectKey: (tenant: string) => string,
  ports: ParkedPorts,
): Promise<readonly Work[]> {
  const works = await Promise.all(messages.map((message) => unpack(message, objectKey, ports)));
  return [...works, ...(await readParked(works, ports))];
}

/**
 * The way of DESIGN §3: archive, positions, objects, D1, acknowledgement. Each step keeps its
 * failures to the events concerned, and a message is acknowledged only when D1, read back, covers
 * every event of it.
 */
async function consumeSlice(messages: readonly Message<Sent>[], given: EventsPorts): Promise<void> {
  const batch = { batchId: uuidV7(given.nowMs()), nowMs: given.nowMs() };
  const ports: EventsPorts = {
    ...given,
    mirror: (tails, loose) => given.mirror(tails, loose, batch.nowMs),
  };
  const deliveries = messages.flatMap(({ body }) =>
    body.kind === "delivery" && body.archived === undefined ? [body] : [],
  );
  const parts = partArchive(deliveries, batch);
  const keys = new Map(parts.map(({ tenant, objectKey }) => [tenant, objectKey]));
  const [works, unarchived] = await Promise.all([
    unpackAll(messages, (tenant) => keys.get(tenant) ?? "", ports),
    putBy(parts, ports),
  ]);
  for (const work of works) {
    const { body } = work.message;
    if (body.kind === "archive") await putByLate(work, body, ports);
    const isFresh = body.kind === "delivery" && body.archived === undefined;
    if (isFresh && unarchived.has(body.tenant)) {
      work.failure ??= "Neither archive nor queue took its line";
    }
  }

  const readings = readingsOf(works);
  await followAliases(works, ports);
  await keepPlaces(works, readings, ports);
  const subjects = bySubject(works);
  returnsFirst(subjects);
  const { tails, told, priced, mirrored } = await settleInTurn(subjects, ports);
  const last = await ports.mirror(tails, looseRows(works));
  const mirroring = merged([...mirrored, last]);
  const tenants = [...new Set(messages.map(({ body }) => body.tenant))];
  for (const error of mirroring.errors) ports.log("error", "mirror_refused", { tenants, error });
  markUncovered(works, [...subjects, ...told], mirroring);
  const allTails = [...mirrored.flatMap((one) => one.tails), ...tails];
  await restoreLost(allTails, mirroring, ports);
  await wake({ works, tails: allTails }, ports);
  await recompute(allTails, ports);
  await reportDebts(allTails, ports);
  await tellGaps(allTails, ports);
  for (const work of works) await continueRecompute(work, ports);
  await lookAgain(priced, ports).catch((error: unknown) => {
    const orders = subjects.filter(({ object }) => object === "order");
    for (const { tasks, calls } of orders) {
      for (const one of [...tasks, ...calls]) one.failure ??= `Cannot look again: ${String(error)}`;
    }
  });
  await askGaps(works, ports);
  await conclude(works, ports);
}
