import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  closesToCover,
  noteAnswer,
  noteState,
  putCovered,
  restoredCores,
  restoredLooked,
} from "#src/edge/d1/reconciliation/core-state.ts";
import { purgeRows } from "#src/edge/d1/purge-rows.ts";
import { lastRuns } from "#src/edge/d1/reconciliation/runs.ts";
import { startRun } from "#src/edge/d1/reconciliation/start-run.ts";

const db = env.MIRROR_0;
const NOW_MS = Date.parse("2026-11-22T12:00:00Z");
const DAY_MS = 86_400_000;
let tenant: string;
beforeEach(() => {
  tenant = `t${crypto.randomUUID()}`;
});

describe("the epoch of a core", () => {
  const note = async (epoch: number) =>
    (await noteState(db, { tenant, told: { epoch } }, NOW_MS)).kind === "believed";
  const restored = () => restoredCores(db, ["nobody", tenant]);

  test("is no news the first time, nor the same again", async () => {
    expect(await note(4)).toBe(true);
    expect(await note(4)).toBe(true);
    expect(await restored()).toEqual([]);
  });

  test("wants lines and then balances looked at where it rises", async () => {
    await note(4);
    expect(await note(5)).toBe(true);
    expect(await note(6)).toBe(true);
    expect(await restored()).toEqual([{ tenant, epoch: 6, due: "lines" }]);
    // Of another epoch, or another kind than is due: nothing is done yet.
    await restoredLooked(db, { tenant, epoch: 4, kind: "lines" }, NOW_MS);
    await restoredLooked(db, { tenant, epoch: 6, kind: "balances" }, NOW_MS);
    expect(await restored()).toEqual([{ tenant, epoch: 6, due: "lines" }]);
    await restoredLooked(db, { tenant, epoch: 6, kind: "lines" }, NOW_MS);
    await restoredLooked(db, { tenant, epoch: 6, kind: "lines" }, NOW_MS);
    expect(await restored()).toEqual([{ tenant, epoch: 6, due: "balances" }]);
    await restoredLooked(db, { tenant, epoch: 6, kind: "balances" }, NOW_MS);
    expect(await restored()).toEqual([]);
    expect(await note(6)).toBe(true);
    expect(await restored()).toEqual([]);
  });

  test("does not fall, and rises by one alone", async () => {
    await note(4);
    expect(await note(3)).toBe(false);
    expect(await note(6)).toBe(false);
    expect(await note(4)).toBe(true);
    expect(await restored()).toEqual([]);
  });

  test("is kept with the core that told it, and how far its changes were", async () => {
    const told = (core: string, asOfSeq: string, epoch = 4) =>
      noteState(db, { tenant, told: { core, epoch, asOfSeq } }, NOW_MS);
    expect(await told("a", "100")).toEqual({ kind: "believed" });
    expect(await told("a", "99")).toEqual({ kind: "seq_fell", seq: "100" });
    // A question that is looked at for its epoch alone takes nothing back.
    expect(await note(4)).toBe(true);
    expect(await told("a", "99")).toEqual({ kind: "seq_fell", seq: "100" });
    expect(await told("a", "1000")).toEqual({ kind: "believed" });
    expect(await told("a", "101")).toEqual({ kind: "seq_fell", seq: "1000" });
    expect(await told("b", "1", 0)).toEqual({ kind: "believed" });
    expect(await told("a", "1000")).toEqual({ kind: "believed" });
  });

  describe("of one answer outside any run", () => {
    const KNOWN = { core: "a", epoch: 4, asOfSeq: "100" };
    const answer = (told: object) =>
      noteAnswer(db, { tenant, told: { ...KNOWN, ...told } }, NOW_MS);
    const tell = (told: object) => noteState(db, { tenant, told: { ...KNOWN, ...told } }, NOW_MS);
    const look = (kind: string) => restoredLooked(db, { tenant, epoch: 5, kind }, NOW_MS);

    test("keeps neither it nor its changes, and has nothing believed that is behind", async () => {
      expect(await answer({ epoch: 9 })).toEqual({ kind: "believed" });
      await tell({});
      expect(await answer({ asOfSeq: "1000" })).toEqual({ kind: "believed" });
      expect(await answer({ asOfSeq: "99" })).toEqual({ kind: "seq_fell", seq: "100" });
      expect(await answer({ epoch: 6 })).toEqual({ kind: "epoch_jumped", epoch: 4 });
      expect(await answer({ core: "b", epoch: 5 })).toEqual({ kind: "believed" });
      expect(await tell({ asOfSeq: "101" })).toEqual({ kind: "believed" });
      expect(await restored()).toEqual([]);
    });

    test("wants lines and then balances looked at where a run finds the core there", async () => {
      await tell({});
      expect(await answer({ epoch: 5, asOfSeq: "1" })).toEqual({ kind: "believed" });
      expect(await restored()).toEqual([{ tenant, epoch: 5, due: "lines" }]);
      await tell({ epoch: 5, asOfSeq: "2" });
      await look("lines");
      expect(await restored()).toEqual([{ tenant, epoch: 5, due: "balances" }]);
      await look("balances");
      expect(await restored()).toEqual([]);
      expect(await tell({ asOfSeq: "101" })).toEqual({ kind: "epoch_fell", epoch: 5 });
    });

    test("and lines alone where the run finds it where it was", async () => {
      await tell({});
      await answer({ epoch: 5 });
      await tell({ asOfSeq: "101" });
      expect(await restored()).toEqual([{ tenant, epoch: 5, due: "lines" }]);
      await look("lines");
      expect(await restored()).toEqual([]);
      expect(await tell({ asOfSeq: "102" })).toEqual({ kind: "believed" });
      expect(await tell({ epoch: 5, asOfSeq: "1" })).toEqual({ kind: "believed" });
      expect(await restored()).toEqual([{ tenant, epoch: 5, due: "lines" }]);
    });
  });

  test("is kept once, whoever notes it at the same time", async () => {
    const told = (asOfSeq: string) =>
      noteState(db, { tenant, told: { core: "a", epoch: 4, asOfSeq } }, NOW_MS);
    await Promise.all([told("7"), told("7"), told("7")]);
    expect(await told("6")).toEqual({ kind: "seq_fell", seq: "7" });
  });
});

describe("closes of periods", () => {
  const told = (id: string, rev: string, recordedMs: number) =>
    db
      .prepare(
        `INSERT INTO records (tenant, kind, id, epoch, rev, occurred_ms, recorded_ms, value)
         VALUES (?, 'period', ?, 0, ?, 0, ?, '{}') ON CONFLICT DO UPDATE SET rev = excluded.rev,
           recorded_ms = excluded.recorded_ms`,
      )
      .bind(tenant, id, rev, recordedMs)
      .run();
  const due = async (recordedByMs = NOW_MS) => {
    const found = await closesToCover(db, [tenant], { recordedByMs, limit: 10 });
    return found.map(({ id, rev }) => `${id} ${rev}`);
  };

  test("wait for a run, the oldest first, until one was for them", async () => {
    await told("2026-10", "1", NOW_MS - 2);
    await told("2026-09", "1", NOW_MS - 3);
    await told("2026-11", "1", NOW_MS + 1);
    expect(await due()).toEqual(["2026-09 1", "2026-10 1"]);
    const closes = [{ id: "2026-09", epoch: 0, rev: "1" }];
    await putCovered(db, { tenant, closes }, NOW_MS);
    await putCovered(db, { tenant, closes }, NOW_MS);
    expect(await due()).toEqual(["2026-10 1"]);
    // One that is told anew is another close.
    await told("2026-09", "2", NOW_MS);
    expect(await due()).toEqual(["2026-10 1", "2026-09 2"]);
  });
});

test("what is kept of a core leaves with its tenant", async () => {
  const other = `${tenant}x`;
  for (const one of [tenant, other]) {
    await noteState(db, { tenant: one, told: { epoch: 1 } }, NOW_MS);
    await putCovered(db, { tenant: one, closes: [{ id: "P", epoch: 0, rev: "1" }] }, NOW_MS);
  }
  const jobs = async (of: string) => {
    const sql = "SELECT count(*) AS n FROM jobs WHERE job LIKE '%:' || ? || ':%'";
    return db.prepare(sql).bind(of).first<number>("n");
  };
  expect(await jobs(tenant)).toBe(2);
  let from: string | undefined;
  do {
    from = await purgeRows({ control: db, mirror: db }, tenant, { isLast: false, from });
  } while (from !== undefined);
  expect([await jobs(tenant), await jobs(other)]).toEqual([0, 2]);
});

test("runs that began last are told apart by what they looked at and how they ended", async () => {
  const start = async (kind: "window" | "lines", agoMs: number, fromMs?: number) => {
    const atMs = NOW_MS - agoMs;
    const asked = { tenant, kind, cause: "cron", ...(fromMs !== undefined && { fromMs }) };
    const { run } = await startRun(db, asked, atMs);
    return run.runId;
  };
  const end = (runId: string, state: string) =>
    db
      .prepare("UPDATE reconciliation_runs SET state = ? WHERE tenant = ? AND run_id = ?")
      .bind(state, tenant, runId)
      .run();
  await end(await start("lines", 9 * DAY_MS), "done");
  await end(await start("lines", 3 * DAY_MS), "done");
  await end(await start("lines", 2 * DAY_MS, 5), "done");
  await end(await start("window", DAY_MS), "failed");
  await start("window", 5);
  const found = await lastRuns(db, [tenant], NOW_MS);
  expect(
    found
      .map(({ kind, isFailed, isWhole, startedMs }) => [kind, isFailed, isWhole, startedMs].join())
      .toSorted(),
  ).toEqual([
    `lines,false,false,${NOW_MS - 2 * DAY_MS}`,
    `lines,false,true,${NOW_MS - 3 * DAY_MS}`,
    `window,false,true,${NOW_MS - 5}`,
    `window,true,true,${NOW_MS - DAY_MS}`,
  ]);
});
