import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { settle } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { again, arrive, NOW_MS, OUT, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { runs } from "../../support/runs.ts";

const key = "dist:B";

function play(...arrivals: readonly Arrival[]): MemoryStore {
  const store = new MemoryStore();
  for (const arrival of arrivals)
    settle(arrival, { store, rules: distributorRules, nowMs: NOW_MS });
  return store;
}

const enrolled = (rev: number, data = {}) =>
  arrive("distributor.enrolled", { id: `n${rev}`, rev }, data);
const status = (rev: string | number, epoch = 0) =>
  arrive("distributor.status_changed", { id: `s${epoch}/${rev}`, key, rev, epoch });

describe("register()", () => {
  test.each<{ name: string; arrival: Arrival; standing: object }>([
    {
      name: "an enrolment, from the day of joining on",
      arrival: enrolled(0, { placement_id: OUT, leg: OUT }),
      standing: {
        kind: "enrolment",
        period_id: "",
        epoch: 0,
        rev: "0",
        effective_ms: Date.parse("2026-01-31T00:00:00Z"),
        value: { sponsor_id: "A", placement_id: null, leg: null, status: "active", country: "US" },
      },
    },
    {
      name: "a status, from when it holds on",
      arrival: status("00012345678901234567890"),
      standing: {
        kind: "status",
        period_id: "",
        epoch: 0,
        rev: "12345678901234567890",
        effective_ms: Date.parse("2026-07-01T00:00:00Z"),
        value: { status: "grace" },
      },
    },
    {
      name: "a rank, from when it occurred on",
      arrival: arrive("rank.changed", { key, rev: 2 }),
      standing: {
        kind: "rank",
        period_id: "2026-07",
        epoch: 0,
        rev: "2",
        effective_ms: NOW_MS,
        value: { pay_rank: "Silver", career_rank: "Gold" },
      },
    },
    {
      name: "a volume without a period, in the month it occurred in",
      arrival: arrive("volume.snapshot", { key, rev: 2 }, { period_id: OUT }),
      standing: {
        kind: "volume",
        period_id: "2026-07",
        epoch: 0,
        rev: "2",
        effective_ms: NOW_MS,
        value: {
          pv_x100: 10_000,
          gv_x100: -50_000,
          legs: '[{"leg":"L","gv_x100":20000},"R",30000]',
        },
      },
    },
    {
      name: "of a volume's legs their ids and numbers, and nothing of who they are",
      arrival: arrive(
        "volume.snapshot",
        { key, rev: 2 },
        {
          legs: [
            { distributor_id: "C", leg: "L", rank: "Gold", gv_x100: 5, name: "Ann", at: { x: 1 } },
          ],
        },
      ),
      standing: {
        kind: "volume",
        period_id: "2026-07",
        epoch: 0,
        rev: "2",
        effective_ms: NOW_MS,
        value: {
          pv_x100: 10_000,
          gv_x100: -50_000,
          legs: '[{"distributor_id":"C","leg":"L","rank":"Gold","gv_x100":5}]',
        },
      },
    },
  ])("keeps $name", ({ arrival, standing }) => {
    expect(play(arrival).entries[0]?.effects.standings).toEqual([standing]);
  });

  test("has the highest (epoch, rev) current, in any order, and the others as history", () => {
    const arrivals = [
      status(9),
      status(10),
      status("9007199254740993"),
      status(1, 1),
      status(0, 1),
    ];
    for (const order of [arrivals, arrivals.toReversed(), arrivals.toSpliced(1, 2, status(10))]) {
      const store = play(...order);
      const name = "distributor.status_changed:";
      expect(store.current(name)).toMatchObject({ epoch: 1, rev: "1" });
      expect(store.registers.get(name)).toHaveLength(order.length);
    }
  });

  test("has a register for each period", () => {
    const rank = (period_id: string) =>
      arrive("rank.changed", { id: period_id, key, rev: 1 }, { period_id });
    const store = play(rank("2026-07"), rank("2026-08"));
    expect([...store.registers.keys()]).toEqual(["rank.changed:2026-07", "rank.changed:2026-08"]);
  });

  test("finds the same revision with the same content a duplicate", () => {
    const store = play(status(3), retold(status(3), "other"), again(status(3)));
    expect(store.entries.map(({ outcome, of }) => [outcome, of])).toEqual([
      ["applied", undefined],
      ["duplicate", "evt_core_s0/3"],
    ]);
  });

  const rank = (rev: number, period_id: string, { epoch = 0, id = "" } = {}) =>
    arrive(
      "rank.changed",
      { id: `${period_id}/${epoch}.${rev}${id}`, key, rev, epoch },
      { period_id },
    );
  const told = (store: MemoryStore) =>
    store.entries.flatMap(({ effects }) => effects.messages ?? []).map((message) => message.key);

  test("has one message for each revision of a rank, about ids and codes only", () => {
    const [entry] = play(rank(2, "2026-07")).entries;
    expect(entry?.effects.messages).toEqual([
      {
        key: "msg:rank_changed:B:2026-07:0.2",
        kind: "rank_changed",
        about: {
          distributor_id: "B",
          period_id: "2026-07",
          pay_rank: "Silver",
          career_rank: "Gold",
        },
      },
    ]);
    expect(told(play(enrolled(1), status(1), arrive("volume.snapshot", { key, rev: 2 })))).toEqual(
      [],
    );
  });

  test("has the same messages of ranks in any order, however often they come", () => {
    const revisions = [
      rank(1, "2026-07"),
      rank(2, "2026-07"),
      rank(1, "2026-07", { epoch: 1 }),
      rank(1, "2026-08"),
    ];
    const tellings = [
      ...revisions,
      ...revisions.map((revision, i) => retold(revision, `again${i}`)),
      ...revisions.map(again),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(tellings, { minLength: tellings.length }), (order) => {
        expect(told(play(...order)).toSorted()).toEqual([
          "msg:rank_changed:B:2026-07:0.1",
          "msg:rank_changed:B:2026-07:0.2",
          "msg:rank_changed:B:2026-07:1.1",
          "msg:rank_changed:B:2026-08:0.1",
        ]);
      }),
      { numRuns: runs(50) },
    );
  });

  test("has no message of what contradicts a revision", () => {
    const other = arrive("rank.changed", { id: "other", key, rev: 2 }, { pay_rank: "Gold" });
    const store = play(rank(2, "2026-07"), other);
    expect(store.entries.map(({ outcome }) => outcome)).toEqual(["applied", "conflict"]);
    expect(told(store)).toHaveLength(1);
  });

  test("keeps of a rank that the gateway's own run has set it, and of no other", () => {
    const own = rank(3, "2026-07");
    const store = play(rank(2, "2026-07"), {
      ...own,
      event: { ...own.event, source: "upline:run" },
    });
    const values = store.entries.flatMap(({ effects }) => effects.standings ?? []);
    expect(values.map(({ value }) => value["told_by"])).toEqual([undefined, "run"]);
  });

  const frontlineOf = (store: MemoryStore) =>
    store.entries.map(({ effects }) =>
      (effects.frontline ?? []).map(({ distributor_id, by }) => `${distributor_id} ${by}`),
    );
  const sponsors = [
    enrolled(1, { sponsor_id: "A" }),
    enrolled(2, { sponsor_id: "S" }),
    enrolled(3, { sponsor_id: OUT }),
  ];
  const [first, second, third] = sponsors;
  if (!first || !second || !third) throw new Error("There are three enrolments");

  test.each<{ name: string; order: Arrival[]; steps: string[][] }>([
    { name: "a sponsor", order: [first], steps: [["A 1"]] },
    { name: "another sponsor", order: [first, second], steps: [["A 1"], ["A -1", "S 1"]] },
    { name: "no sponsor any more", order: [second, third], steps: [["S 1"], ["S -1"]] },
    { name: "late, lower revisions", order: [second, first], steps: [["S 1"], []] },
    { name: "nobody above", order: [third, first, second], steps: [[], [], []] },
    {
      name: "the same sponsor again",
      order: [first, enrolled(4, { sponsor_id: "A", country: "DE" })],
      steps: [["A 1"], []],
    },
  ])("counts the frontline for $name", ({ order, steps }) => {
    expect(frontlineOf(play(...order))).toEqual(steps);
  });

  test("keeps the profile of the highest enrolment that brought one, in any order", () => {
    const old = enrolled(1, { pii: { name: "Ann Old" } });
    const young = enrolled(2, { pii: { name: "Ann New" } });
    const bare = enrolled(3, { pii: OUT });
    for (const order of [
      [old, young, bare],
      [bare, young, old],
      [young, bare, old],
      [bare, old, young],
    ]) {
      expect(play(...order).profile).toEqual(young.profile);
    }
  });

  test("takes no profile from what is no enrolment", () => {
    const named = arrive("distributor.status_changed", { key, rev: 9 }, { pii: { name: "X" } });
    const [before, after] = [play(enrolled(1), named), play(named)];
    expect(before.profile).toEqual(enrolled(1).profile);
    expect(after.profile).toBeUndefined();
  });
});
