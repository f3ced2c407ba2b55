import { recordDeed } from "../edge/control/trail.ts";
import {
  checkObjects,
  type ObjectsPorts,
  type ObjectsWalk,
} from "../edge/cron/reconciliation/objects.ts";
import { lineDigest } from "../edge/d1/digest-rows.ts";
import { putHealed } from "../edge/d1/open-break.ts";
import { freezeSubject, loadJob, saveJob } from "../edge/d1/positions.ts";
import { highestMirrored, repairSubject, restoreRow } from "../edge/d1/reconciliation/repair.ts";
import { readSubjectRows, subjectsAfter } from "../edge/d1/reconciliation/subject-rows.ts";
import { repairLineDigests, repairTotals } from "../edge/d1/reconciliation/totals.ts";
import { readWantedRows } from "../edge/d1/reconciliation/wanted-rows.ts";
import { log } from "../edge/log.ts";
import { entryOf } from "../edge/log-entry.ts";
import { sha256 } from "../edge/objects/sql-store.ts";
import type { Shard } from "../edge/shards.ts";
import { kindOfSubject } from "../edge/subject.ts";
import type { Place } from "../edge/subject-rows.ts";
import { type Parts, subjectStub } from "./parts.ts";

export const objectsJob = ({ index }: Pick<Shard, "index">): string => `objects:${index}`;

/** What the mirror has of objects, held against them. */
export function objectsPorts(parts: Parts, shard: Shard): ObjectsPorts {
  const { control, nowMs } = parts;
  const { mirror } = shard;
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
    page: (cursor, limit) => subjectsAfter(mirror, cursor, limit),
    rows: (places, rowsMax) => readSubjectRows(mirror, places, rowsMax),
    check: async (place, upTo) => (await stubOf(place)).check(upTo),
    wanted: async (place, upTo) => {
      const stub = await stubOf(place);
      return readWantedRows((position) => stub.logAfter(position), upTo);
    },
    digestOf: (line) => lineDigest(line).digest,
    remakeView: async (place) => (await stubOf(place)).remakeView(),
    repair: (found, repair) => repairSubject(mirror, found, repair),
    restoreRow: async (place) => {
      const stub = await stubOf(place);
      const { events, transfers } = await highestMirrored(mirror, place);
      // Rows of an object that never was: nobody's, and nothing to go on from.
      const isNobodys = events === 0 && (await stub.head()).position === 0;
      if (isNobodys || events + transfers === 0) return false;
      const position = Math.max(events, transfers);
      const [[row], { displayName }] = [
        (await stub.logAfter(position - 1)).rows,
        await stub.current(),
      ];
      // A log that ends before it is found by the check, as another one.
      const recordedMs = row === undefined ? nowMs() : entryOf(row).recorded_ms;
      const name = displayName === undefined ? {} : { displayName };
      await restoreRow(mirror, place, { position, head: row?.hash ?? "lost", recordedMs, ...name });
      return true;
    },
    freeze: (place, detail) => freezeSubject(mirror, { ...place, detail, nowMs: nowMs() }),
    report,
    repairTotals: async () => {
      const repaired = await repairTotals(mirror);
      const buckets = await repairLineDigests(mirror);
      if (buckets > 0) log("warn", "digests_repaired", { shard: shard.index, buckets });
      const tenants = Map.groupBy(repaired, ({ tenant }) => tenant);
      for (const [tenant, totals] of tenants) {
        const accounts = [...new Set(totals.map(({ account }) => account))];
        const subject = `accounts:${accounts.slice(0, 10).join(",")}`;
        await report({ tenant, subject }, "Totals of these accounts made anew of their transfers");
      }
      return repaired.length;
    },
    sha256,
    load: () => loadJob<ObjectsWalk>(mirror, objectsJob(shard)),
    save: (walk) => saveJob(mirror, objectsJob(shard), { state: walk, nowMs: nowMs() }),
    nowMs,
    log,
  };
}

export const objectsCheck = (parts: Parts, shard: Shard) =>
  checkObjects(objectsPorts(parts, shard));
