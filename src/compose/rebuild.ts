import { readRaw } from "../edge/archive/read-raw.ts";
import { readRoster, rosterDays } from "../edge/archive/roster.ts";
import { discardedHeld } from "../edge/control/discarded.ts";
import { recordDeed } from "../edge/control/trail.ts";
import type {
  NamePorts,
  RebuildPorts,
  RunPorts,
  SubjectPorts,
} from "../edge/cron/rebuild/ports.ts";
import { rebuildMirror } from "../edge/cron/rebuild/rebuild.ts";
import { putHealed } from "../edge/d1/open-break.ts";
import { readPositions } from "../edge/d1/project.ts";
import { CLOSED_GAP_MS } from "../edge/cron/reconciliation/forget-gaps.ts";
import { changesOf } from "../edge/d1/rebuild/changes.ts";
import { readFound } from "../edge/d1/rebuild/found.ts";
import { freezeNamed, hold, holdsSome, isHeld } from "../edge/d1/rebuild/freeze.ts";
import { openRebuilds } from "../edge/d1/rebuild/runs.ts";
import * as marks from "../edge/d1/rebuild/marks.ts";
import * as scratch from "../edge/d1/rebuild/scratch.ts";
import { fixSums } from "../edge/d1/rebuild/sums.ts";
import { fixDays, fixFrontlines, fixLineDigests } from "../edge/d1/rebuild/totals.ts";
import { takeAway } from "../edge/d1/rebuild/take-away.ts";
import { dropUnreadableNames } from "../edge/d1/rebuild/unreadable.ts";
import { countsOf, digestShares, nothing, Wanted } from "../edge/d1/rebuild/wanted.ts";
import { writeSubjects } from "../edge/d1/rebuild/write.ts";
import { heldRuns } from "../edge/d1/reconciliation/runs.ts";
import { log } from "../edge/log.ts";
import { sha256 } from "../edge/objects/sql-store.ts";
import { subjectsIn } from "../edge/queue/archived.ts";
import type { Shard } from "../edge/shards.ts";
import { kindOfSubject } from "../edge/subject.ts";
import type { Place } from "../edge/subject-rows.ts";
import { READERS } from "../senders/index.ts";
import { type Parts, subjectStub } from "./parts.ts";

/** Batches of deliveries read at once for names: each is opened and read again. */
const BATCHES_AT_ONCE = 20;

/** What rebuilds of a shard need. */
export const rebuildPorts = (parts: Parts, shard: Shard): RebuildPorts => ({
  ...runPorts(parts, shard),
  ...namePorts(parts, shard),
  ...subjectPorts(parts, shard),
  nowMs: parts.nowMs,
  log,
});

function runPorts({ nowMs }: Parts, { mirror }: Shard): RunPorts {
  return {
    open: (limit) => openRebuilds(mirror, { nowMs: nowMs(), limit }),
    ...heldRuns(mirror, nowMs),
    begin: (run) => scratch.beginScratch(mirror, run),
    progress: (run) => marks.progressOf(mirror, run),
    hasReadAll: (run) => scratch.hasReadAll(mirror, run),
    holdsSome: ({ tenant }) => holdsSome(mirror, tenant),
    behind: (run, limit) => marks.behind(mirror, run, limit),
    totals: [
      { name: "account_days", isOfLogs: false, fix: (run) => fixDays(mirror, run) },
      { name: "line_digests", isOfLogs: false, fix: (run) => fixLineDigests(mirror, run) },
      { name: "frontlines", isOfLogs: false, fix: (run) => fixFrontlines(mirror, run) },
      { name: "volumes", isOfLogs: true, fix: (run) => fixSums(mirror, run, "volumes") },
      {
        name: "transfer_digests",
        isOfLogs: true,
        fix: (run) => fixSums(mirror, run, "digests"),
      },
    ],
  };
}

function namePorts(parts: Parts, shard: Shard): NamePorts {
  const { mirror, archive } = shard;
  return {
    mirrorOrigins: scratch.MIRROR_ORIGINS,
    addMirrorNames: async (run, origin) => {
      await scratch.addMirrorNames(mirror, run, origin);
      if (origin === scratch.MIRROR_ORIGINS - 1) await dropUnreadableNames(mirror, run);
    },
    rosterDays: (tenant) => rosterDays(archive, tenant),
    roster: (asked, place) => readRoster(archive, asked, place),
    addRoster: (run, heads) => scratch.addRoster(mirror, run, heads),
    archived: (asked, place) => archivedNames(parts, shard, { ...asked, place }),
    toLookAt: (run, page) => scratch.toLookAt(mirror, run, page),
    suspects: async (run, page) => {
      const names = await marks.suspects(mirror, run, page);
      await scratch.addNames(mirror, run, names);
      return names.map((subject) => ({ tenant: run.tenant, subject }));
    },
  };
}

function subjectPorts(parts: Parts, { mirror, slow }: Shard): Omit<SubjectPorts, "nowMs" | "log"> {
  const { control, nowMs } = parts;
  const stubOf = ({ tenant, subject }: Place) =>
    subjectStub(parts, kindOfSubject(subject), { tenant, subject });
  return {
    positions: (places) => readPositions(mirror, places),
    head: async (place) => (await stubOf(place)).head(),
    logAfter: async (place, position) => (await stubOf(place)).logAfter(position),
    found: (sought, limits) => readFound(mirror, sought, limits),
    layOut: (place) => new Wanted(place),
    changesOf: (found, wanted) => changesOf(found, wanted, nowMs() - CLOSED_GAP_MS),
    countsOf,
    nothing,
    sharesOfRows: digestShares,
    discarded: (tenant, eventIds) => discardedHeld(control, tenant, eventIds),
    write: (run, writes) => writeSubjects(mirror, run, writes),
    hold: async (place) => {
      log("warn", "subject_held", { tenant: place.tenant, subject: place.subject });
      await hold(mirror, place, nowMs());
    },
    isHeld: (place) => isHeld(mirror, place),
    takeAway: (place) => takeAway(mirror, place),
    addNames: (run, names) => scratch.addNames(mirror, run, names),
    putMark: (run, marked) => marks.putMark(mirror, run, marked),
    freeze: async ({ tenant, subject }, detail) => {
      log("error", "subject_frozen", { alert: true, tenant, subject, detail });
      await freezeNamed(mirror, { tenant, subject, detail, nowMs: nowMs() });
    },
    report: async ({ tenant, subject }, detail) => {
      log("warn", "mirror_begun_anew", { tenant, subject, detail });
      const act = { actor: "rebuild", nowMs: nowMs() };
      const deed = { tenant, action: "mirror.repaired", target: subject, detail: { detail } };
      await recordDeed(control, deed, act);
      await putHealed(mirror, { tenant, class: "MIRROR", subject, detail, nowMs: nowMs() });
    },
    // Nobody who posts waits behind a rebuild.
    send: async (message) => {
      await slow.send(message);
    },
    sha256,
  };
}

/** Subjects that archived deliveries name; one that cannot be opened names nobody. */
async function archivedNames(
  { directory, nowMs }: Parts,
  { archive }: Shard,
  asked: {
    readonly tenant: string;
    readonly fromMs: number;
    readonly place: string | undefined;
  },
) {
  const ports = { directory, senders: READERS, archive, nowMs };
  const page = { after: asked.place, limit: BATCHES_AT_ONCE };
  const { parts, next } = await readRaw(archive, asked, page);
  const found = await Promise.all(
    parts
      .flatMap(({ objectKey, deliveries }) => deliveries.map((of) => ({ objectKey, of })))
      .map(async ({ objectKey, of }) => {
        try {
          return await subjectsIn(of, ports);
        } catch (error) {
          log("warn", "archived_not_read", { tenant: asked.tenant, object: objectKey, error });
          return [];
        }
      }),
  );
  const names = new Set(found.flat());
  return next === undefined ? { names } : { names, next };
}

export const rebuildShard = (parts: Parts, shard: Shard): Promise<void> =>
  rebuildMirror(rebuildPorts(parts, shard));
