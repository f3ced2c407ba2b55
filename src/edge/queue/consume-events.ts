import { partArchive } from "../archive/archive.ts";
import { uuidV7 } from "../event-id.ts";
import type { LooseRows, Mirroring, MirrorTail } from "../mirror.ts";
import { conclude, type ConcludePorts, markLoose, markUncovered } from "./conclude.ts";
import { looseRows } from "./loose-rows.ts";
import type { Message as Sent } from "../message.ts";
import { putBy, putByLate, type PutByPorts } from "./put-by.ts";
import { bySubject, settleAll, type SettlePorts } from "./settle-subjects.ts";
import { unpack, type UnpackPorts } from "./unpack.ts";

export interface EventsPorts extends UnpackPorts, PutByPorts, SettlePorts, ConcludePorts {
  readonly mirror: (tails: readonly MirrorTail[], loose: LooseRows) => Promise<Mirroring>;
}

/** Events worked on at once: each is an object's call and a row of several kinds in memory. */
const EVENTS_MAX = 2_000;
/** Claimed bodies in memory at once: a megabyte each, of an isolate's 128. */
const CLAIMS_MAX = 16;
/** Beyond this an invocation would run out of its 10 000 subrequests: the rest comes again. */
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
    if (events > INVOCATION_EVENTS_MAX) for (const message of slice) message.retry();
    else await consumeSlice(slice, ports);
    events += slice.reduce((sum, { body }) => sum + eventsIn(body), 0);
  }
}

const eventsIn = (body: Sent): number =>
  body.kind === "delivery" ? (body.only ?? body.eventIds).length : 1;

const claimsIn = (body: Sent): number => (body.kind === "delivery" && "claim" in body.body ? 1 : 0);

function inSlices(messages: readonly Message<Sent>[]): readonly (readonly Message<Sent>[])[] {
  const slices: Message<Sent>[][] = [];
  let events = 0;
  let claims = 0;
  for (const message of messages) {
    events += eventsIn(message.body);
    claims += claimsIn(message.body);
    const slice = slices.at(-1);
    if (slice !== undefined && events <= EVENTS_MAX && claims <= CLAIMS_MAX) {
      slice.push(message);
    } else {
      slices.push([message]);
      events = eventsIn(message.body);
      claims = claimsIn(message.body);
    }
  }
  return slices;
}

/**
 * The way of DESIGN §3: archive, positions, objects, D1, acknowledgement. Each step keeps its
 * failures to the events concerned, and a message is acknowledged only when D1, read back, covers
 * every event of it.
 */
async function consumeSlice(messages: readonly Message<Sent>[], ports: EventsPorts): Promise<void> {
  const batch = { batchId: uuidV7(ports.nowMs()), nowMs: ports.nowMs() };
  const deliveries = messages.flatMap(({ body }) => (body.kind === "delivery" ? [body] : []));
  const parts = partArchive(deliveries, batch);
  const keys = new Map(parts.map(({ tenant, objectKey }) => [tenant, objectKey]));
  const [works, unarchived] = await Promise.all([
    Promise.all(messages.map((message) => unpack(message, (t) => keys.get(t) ?? "", ports))),
    putBy(parts, ports),
  ]);
  for (const work of works) {
    const { body } = work.message;
    if (body.kind === "archive") await putByLate(work, body, ports);
    if (body.kind === "delivery" && unarchived.has(body.tenant)) {
      work.failure ??= "Neither archive nor queue took its line";
    }
  }

  const subjects = bySubject(works);
  const tails = await settleAll(subjects, ports);
  const mirroring = await ports.mirror(tails, looseRows(works));
  for (const error of mirroring.errors) ports.log("error", "mirror_refused", { error });
  markUncovered(subjects, mirroring);
  markLoose(works, mirroring);
  await conclude(works, ports);
}
