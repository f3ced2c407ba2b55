import { describe, expect, test } from "vitest";
import type { Person, RankNow } from "#src/core/runs/people.ts";
import { evaluateRun, rankChanged, RUN_SOURCE } from "#src/core/runs/rank-run.ts";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import { planOf } from "../plans/samples.ts";
import { JULY, personOf } from "./samples.ts";

const PLAN = planOf({
  ranks: [
    { code: "Member" },
    { code: "Silver", min_pv_x100: 10_000 },
    { code: "Gold", min_gv_x100: 50_000, grace_periods: 1 },
  ],
});
const REV = `${JULY.end_ms}001`;
const now = (pay_rank: string, parts: Partial<RankNow> = {}): RankNow => ({
  pay_rank,
  career_rank: pay_rank,
  epoch: 0,
  rev: "1",
  ...parts,
});
const run = (people: readonly Person[], parts: object = {}) =>
  evaluateRun(PLAN, people, { period: JULY, attempt: 1, grace: {}, ...parts });

describe("evaluateRun()", () => {
  test("tells everybody who has no rank yet, the lowest where nothing is reached", () => {
    const people = [personOf("A", { gv_x100: 50_000 }), personOf("B", { sponsor_id: "A" })];
    expect(run(people).changes).toEqual([
      { distributor_id: "A", pay_rank: "Gold", career_rank: "Gold", epoch: 0, rev: REV },
      { distributor_id: "B", pay_rank: "Member", career_rank: "Member", epoch: 0, rev: REV },
    ]);
  });

  test("tells nobody what is in force already: so it can be done again", () => {
    const people = [personOf("A", { pv_x100: 10_000, standing: now("Silver") })];
    expect(run(people).changes).toEqual([]);
    expect(run(people, { attempt: 2 }).changes).toEqual([]);
  });

  test("keeps the career rank when the pay rank falls", () => {
    const people = [personOf("A", { former_rank: "Silver", standing: now("Silver") })];
    expect(run(people).changes).toMatchObject([{ pay_rank: "Member", career_rank: "Silver" }]);
  });

  test("is above every revision in force, of whatever epoch and period", () => {
    const told = (standing: RankNow) =>
      run([personOf("A", { pv_x100: 10_000, standing })]).changes[0];
    expect(told(now("Member", { rev: `${BigInt(REV) - 1n}` }))).toMatchObject({ rev: REV });
    expect(told(now("Member", { rev: REV }))).toMatchObject({ rev: `${BigInt(REV) + 1n}` });
    expect(told(now("Member", { epoch: 3, rev: "7" }))).toMatchObject({ epoch: 3, rev: "8" });
  });

  test("a later attempt and a later period come above an earlier one", () => {
    const people = [personOf("A", { standing: null })];
    const again = run(people, { attempt: 2 }).changes[0]?.rev ?? "";
    const week = { ...JULY, end_ms: JULY.end_ms + 1 };
    const later = run(people, { period: week }).changes[0]?.rev ?? "";
    expect(BigInt(again) > BigInt(REV)).toBe(true);
    expect(BigInt(later) > BigInt(again)).toBe(true);
  });

  test("counts the periods of grace, and lets go when they are over", () => {
    const missed = [personOf("A", { former_rank: "Gold", standing: now("Gold") })];
    const first = run(missed);
    expect(first).toEqual({ changes: [], grace: { A: 1 } });
    const second = run(missed, { grace: first.grace });
    expect(second).toMatchObject({ changes: [{ pay_rank: "Member", career_rank: "Gold" }] });
    expect(second.grace).toEqual({});
  });
});

test("its event passes the contract and is in force from the period's end on", () => {
  const [change] = run([personOf("A", { pv_x100: 10_000 })]).changes;
  if (change === undefined) throw new Error("Nobody was ranked");
  const event = rankChanged(change, { period: JULY, run_id: "ranks:main:2026-07" });
  const { occurredAtMs, ...told } = event;
  expect(occurredAtMs).toBe(JULY.end_ms);
  const { id, type, version, key, epoch, rev, data } = told;
  const envelope = {
    id,
    type,
    version,
    key,
    epoch,
    rev,
    data,
    occurred_at: "2026-08-01T00:00:00Z",
  };
  const read = readEnvelope(envelope, { tenant: "t", source: RUN_SOURCE });
  expect(read).toMatchObject({ ok: true, value: event });
});
