import { recordDeed } from "../edge/control/trail.ts";
import {
  checkObjects,
  checkPlace,
  type ObjectsPorts,
  type ObjectsWalk,
} from "../edge/cron/reconciliation/objects.ts";
import { lineDigest } from "../edge/d1/digest-rows.ts";
import { leaveJob, takeJob } from "../edge/d1/leases.ts";
import { putHealed } from "../edge/d1/open-break.ts";
import { loadJob, saveJob } from "../edge/d1/positions.ts";
import { freezeNamed } from "../edge/d1/rebuild/freeze.ts";
import { rebuildingTenants } from "../edge/d1/rebuild/runs.ts";
import { largeReads } from "../edge/d1/reconciliation/large-rows.ts";
import { repairPart, repairSubject } from "../edge/d1/reconciliation/repair.ts";
import {
  dropStranger,
  dropUnreadable,
  hasTraces,
  highestMirrored,
  isAccepted,
  isKnownByEvents,
  restoreRow,
  unfreeze,
} from "../edge/d1/reconciliation/restore.ts";
import { readSubjectRows, subjectsAfter } from "../edge/d1/reconciliation/subject-rows.ts";
import { siftLines } from "../edge/d1/reconciliation/unreadable.ts";
import { countedLines } from "../edge/d1/reconciliation/line-digests.ts";
import { standingsOf } from "../edge/control/tenant-standings.ts";
import { readWantedRows } from "../edge/d1/reconciliation/wanted-rows.ts";
import { log } from "../edge/log.ts";
import { entryOf } from "../edge/log-entry.ts";
import { sha256 } from "../edge/objects/sql-store.ts";
import type { Shard } from "../edge/shards.ts";
import { kindOfSubject, type LogChecked } from "../edge/subject.ts";
import type { Place } from "../edge/subject-rows.ts";
import { type Parts, subjectStub } from "./parts.ts";
import { sumsPorts } from "./sums.ts";

export const objectsJob = ({ index }: Pick<Shard, "index">): string => `objects:${index}`;

/** What the mirror has of objects, held against them. */
export function objectsPorts(parts: Parts, shard: Shard): ObjectsPorts {
  const { control, nowMs } = parts;
  const { mirror, slow } = shard;
  const stubOf = ({ tenant, subject }: Place) =>
    subjectStub(parts, kindOfSubject(subject), { tenant, subject });
  const report = async ({ tenant, subject }: Place, detail: string) => {
    log("error", "mirror_repaired", { alert: true, tenant, subject, detail });
    const act = { actor: "reconciliation", nowMs: nowMs() };
    const deed = { tenant, action: "mirror.repaired", target: subject, detail: { detail } };
    await recordDeed(control, deed, act);
    await putHealed(mirror, { tenant, class: "MIRROR", subject, detail, nowMs: nowMs() });
  };
  return {
    ...largeReads(mirror),
    ...sumsPorts(parts, shard, { report, isSpared: (tenant) => isSpared(mirror, tenant) }),
    page: (cursor, limit) => subjectsAfter(mirror, cursor, limit),
    standings: (tenants) => standingsOf(control, shard, tenants),
    dropStranger: async (place) => {
      const { tenant, subject } = place;
      if (await isSpared(mirror, tenant)) return false;
      const detail = "Rows of a tenant that there is none of here: taken away";
      log("error", "mirror_repaired", { alert: true, tenant, subject, detail });
      await dropStranger(mirror, place);
      return true;
    },
    ...unreadablePorts(parts, shard, report),
    rows: (places, rowsMax) => readSubjectRows(mirror, places, rowsMax),
    check: async (place, upTo) => (await stubOf(place)).check(upTo),
    logAfter: async (place, position) => (await stubOf(place)).logAfter(position),
    wanted: async (place, upTo) => {
      const stub = await stubOf(place);
      return readWantedRows((position) => stub.logAfter(position), upTo);
    },
    digestOf: (line) => lineDigest(line).digest,
    counted: (tenant, lines) => countedLines(mirror, tenant, lines),
    remakeView: async (place) => (await stubOf(place)).remakeView(),
    repair: (found, repair) => repairSubject(mirror, found, repair, nowMs()),
    repairPart: (place, repair) => repairPart(mirror, place, repair),
    ...rowPorts(parts, shard),
    isRebuilt: async (tenant) => (await rebuildingTenants(mirror)).has(tenant),
    mirrorAnew: async ({ tenant, subject }) => {
      await slow.send({ kind: "subject", tenant, subject });
    },
    hasTraces: (place) => hasTraces(mirror, place),
    freeze: (place, detail) => freezeNamed(mirror, { ...place, detail, nowMs: nowMs() }),
    unfreeze: (place, at) => unfreeze(mirror, place, at),
    report,
    sha256,
    isAccepted: (place) => isAccepted(mirror, place),
    load: () => loadJob<ObjectsWalk>(mirror, objectsJob(shard)),
    save: (walk) => saveJob(mirror, objectsJob(shard), { state: walk, nowMs: nowMs() }),
    nowMs,
    log,
  };
}

/**
 * A tenant that the control tables have lost, as by a restore, is no forgery: its mirror is not taken
 * away, and somebody is told.
 */
async function isSpared(mirror: D1Database, tenant: string): Promise<boolean> {
  const isSparing = await isKnownByEvents(mirror, tenant);
  if (isSparing) log("error", "tenant_unknown", { alert: true, tenant });
  return isSparing;
}

/** Rows under names that are no text. */
function unreadablePorts(
  { control }: Parts,
  shard: Shard,
  report: (place: Place, detail: string) => Promise<void>,
): Pick<ObjectsPorts, "dropUnreadable" | "siftLines"> {
  const { mirror } = shard;
  return {
    dropUnreadable: async ({ tenant, subject }, bytes) => {
      const detail = "Rows under a name that is no text: taken away";
      const isOwn = (await standingsOf(control, shard, [tenant])).get(tenant) === "own";
      if (isOwn) await report({ tenant, subject }, detail);
      else log("error", "mirror_repaired", { alert: true, tenant, subject, detail });
      await dropUnreadable(mirror, bytes);
    },
    siftLines: (place) => siftLines(mirror, place),
  };
}

/** Rows of how far a subject is mirrored, lost or set back. */
function rowPorts(parts: Parts, { mirror }: Shard): Pick<ObjectsPorts, "lostRow" | "setForward"> {
  const stubOf = ({ tenant, subject }: Place) =>
    subjectStub(parts, kindOfSubject(subject), { tenant, subject });
  const placeAt = async (place: Place, position: number) => {
    const stub = await stubOf(place);
    const [[row], { displayName }] = [
      (await stub.logAfter(position - 1)).rows,
      await stub.current(),
    ];
    // A log that ends before it is found by the check, as another one.
    const recordedMs = row === undefined ? parts.nowMs() : entryOf(row).recorded_ms;
    const name = displayName === undefined ? {} : { displayName };
    return { row, at: { position, head: row?.hash ?? "lost", recordedMs, ...name } };
  };
  return {
    lostRow: async (place) => {
      const { events, transfers } = await highestMirrored(mirror, place);
      // Rows of an object that never was: nobody's, and nothing to go on from.
      const isNobodys = events === 0 && (await (await stubOf(place)).head()).position === 0;
      if (isNobodys || events + transfers === 0) return undefined;
      const { at } = await placeAt(place, Math.max(events, transfers));
      return () => restoreRow(mirror, place, at);
    },
    setForward: async (place, reached) => {
      const { events } = await highestMirrored(mirror, place);
      const last = await placeAt(place, Math.max(events, reached));
      const { at } = last.row === undefined ? await placeAt(place, reached) : last;
      await restoreRow(mirror, place, at);
    },
  };
}

/** Has an object compute its log again up to a position, in parts. */
export async function checkLog(
  parts: Parts,
  place: Place,
  upTo: number,
): Promise<Exclude<LogChecked, { readonly kind: "more" }>> {
  for (;;) {
    const stub = await subjectStub(parts, kindOfSubject(place.subject), place);
    const checked: LogChecked = await stub.check(upTo);
    if (checked.kind !== "more") return checked;
  }
}

/**
 * Looks at a subject of which the mirror has rows behind the position that it says: gives it back how
 * far it was mirrored, by its events, and puts its rows right.
 */
export async function restorePlace(parts: Parts, shard: Shard, place: Place): Promise<void> {
  const ports = objectsPorts(parts, shard);
  if (await ports.isRebuilt(place.tenant)) return;
  // Before its row: what is mirrored in between moves that one, too.
  const { events } = await highestMirrored(shard.mirror, place);
  const row = await ports.row(place);
  if (row !== undefined && row.frozen_ms === null && row.position < events) {
    const detail = `The mirror said that it is mirrored up to ${row.position}, and had its event ${events}`;
    await ports.report(place, detail);
    await ports.setForward(place, row.position);
  }
  await checkPlace(place, ports);
}

/** Longer than any call. */
const OBJECTS_LEASE_MS = 120_000;

/**
 * Goes on with the walk over objects, unless another call is at it: two would report the same twice.
 * The lease has a row of its own, as the walk's is written as a whole.
 */
export async function objectsCheck(parts: Parts, shard: Shard): Promise<void> {
  const { mirror, index } = shard;
  const job = `objects_lease:${index}`;
  const nowMs = parts.nowMs();
  const heldMs = nowMs + OBJECTS_LEASE_MS;
  if ((await takeJob(mirror, job, { nowMs, untilMs: heldMs })) === undefined) return;
  try {
    await checkObjects(objectsPorts(parts, shard));
  } finally {
    await leaveJob(mirror, job, { heldMs, state: {} });
  }
}
