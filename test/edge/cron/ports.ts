import { shardAt } from "#src/edge/bindings.ts";
import type { Parts } from "#src/compose/parts.ts";
import * as composed from "#src/compose/runs.ts";
import type { ComparePorts } from "#src/edge/cron/close.ts";
import { type DuePorts, type DueState, VOID_AFTER_MS } from "#src/edge/cron/due.ts";
import type { RunsPorts } from "#src/edge/cron/runs/ports.ts";
import { loadJob, saveJob } from "#src/edge/d1/positions.ts";
import { dueLines, pendingOfClosed, tenantsIn } from "#src/edge/d1/runs/due.ts";
import type { Message } from "#src/edge/message.ts";

/** The real D1 and the test's own queue and clock; of one tenant, as tests share their storage. */
export interface Place {
  readonly parts: Parts;
  readonly tenant: string;
  readonly nowMs: () => number;
}

const shardOf = ({ parts }: Place) => shardAt(parts.shards, 0);

const sendAllOf = (place: Place) => async (messages: readonly Message[]) => {
  for (const message of messages) await shardOf(place).events.send(message);
};

/** As composed, for this tenant alone. */
const own = (place: Place, mode: "gateway_final" | "mirror") => ({
  tenants: async () =>
    (await tenantsIn(place.parts.control, { shard: 0, mode })).filter((t) => t === place.tenant),
  sendAll: sendAllOf(place),
  nowMs: place.nowMs,
  log: () => {},
});

const partsOf = ({ parts, nowMs }: Place): Parts => ({ ...parts, nowMs });

export const runsPorts = (place: Place): RunsPorts => ({
  ...composed.runsPorts(partsOf(place), shardOf(place)),
  ...own(place, "gateway_final"),
});

export const comparePorts = (place: Place): ComparePorts => ({
  ...composed.comparePorts(partsOf(place), shardOf(place)),
  ...own(place, "mirror"),
  tenants: (mode) => own(place, mode).tenants(),
});

export function duePorts(place: Place, kind: "due" | "void"): DuePorts {
  const { tenant, nowMs } = place;
  const { mirror } = shardOf(place);
  const job = `lines_${kind}:${tenant}`;
  const { sendAll, log } = own(place, "mirror");
  return {
    page: async (cursor, atMs, limit) => {
      if (kind === "void") {
        const closedByMs = atMs - VOID_AFTER_MS;
        return pendingOfClosed(mirror, [tenant], { closedByMs, cursor, limit });
      }
      const page = await dueLines(mirror, cursor, { nowMs: atMs, limit });
      return { ...page, items: page.items.filter((line) => line.tenant === tenant) };
    },
    load: () => loadJob<DueState>(mirror, job),
    save: (state) => saveJob(mirror, job, { state, nowMs: nowMs() }),
    sendAll,
    log,
    nowMs,
  };
}
