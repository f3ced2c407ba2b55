import { partArchive } from "../archive/archive.ts";
import { uuidV7 } from "../event-id.ts";
import type { LooseRows, Mirroring, MirrorTail } from "../mirror.ts";
import { conclude, type ConcludePorts, markUncovered } from "./conclude.ts";
import { looseRows } from "./loose-rows.ts";
import type { Message as Sent } from "../message.ts";
import { putBy, putByLate, type PutByPorts } from "./put-by.ts";
import { bySubject, settleAll, type SettlePorts } from "./settle-subjects.ts";
import { unpack, type UnpackPorts } from "./unpack.ts";

export interface EventsPorts extends UnpackPorts, PutByPorts, SettlePorts, ConcludePorts {
  readonly mirror: (tails: readonly MirrorTail[], loose: LooseRows) => Promise<Mirroring>;
}

/**
 * Takes one batch the way of DESIGN §3: archive, positions, objects, D1, acknowledgement. Each
 * step keeps its failures to the events concerned, and a message is acknowledged only when D1,
 * read back, covers every event of it.
 */
export async function consumeEvents(
  messages: readonly Message<Sent>[],
  ports: EventsPorts,
): Promise<void> {
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
  if (!mirroring.looseWritten) failLoose();
  await conclude(works, ports);

  function failLoose(): void {
    for (const task of works.flatMap(({ tasks }) => tasks)) {
      if (task.route.kind === "loose") task.failure ??= "Not mirrored";
    }
  }
}
