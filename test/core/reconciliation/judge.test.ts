import { describe, expect, test } from "vitest";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { differ, type LocalLine } from "#src/core/reconciliation/differ.ts";
import { healingEvents } from "#src/core/reconciliation/heal.ts";
import {
  countDifferences,
  isYoung,
  judge,
  type JudgeContext,
  type JudgedBreak,
  type KnownBreak,
  LIMITS,
} from "#src/core/reconciliation/judge.ts";
import { reportOf } from "#src/core/reconciliation/report.ts";
import type { Sent } from "#src/core/reconciliation/sending.ts";
import { SUSPENSE_AFTER_MS } from "#src/core/reconciliation/verdict.ts";
import { NOW_MS } from "../support/events.ts";
import { contextOf, coreLine, HOUR_MS, knownOf, localLine, PAST_MS } from "./support.ts";

const verdict = ({ class: kind, action, why }: JudgedBreak) => `${kind} ${why ?? action}`;

const judged = (
  core: readonly CoreLine[],
  local: readonly LocalLine[],
  context: Partial<JudgeContext> = {},
) => judge(differ(core, local).differences, contextOf(context));

const reversals = (...amounts: readonly number[]): Pick<CoreLine, "reversals"> => ({
  reversals: amounts.map((amount_minor, i) => ({ line_id: `R${i}`, amount_minor })),
});

interface Case {
  readonly name: string;
  readonly core?: Partial<CoreLine>;
  readonly local?: Partial<LocalLine>;
  readonly closed?: readonly string[];
  readonly told: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "a missing line", core: {}, told: ["MISSING_LOCAL backfill"] },
  { name: "a line too many", local: {}, told: ["EXTRA_LOCAL waits_a_day"] },
  {
    name: "an amount at the limit",
    core: { amount_minor: 10_400 },
    local: {},
    told: ["AMOUNT correct"],
  },
  {
    name: "an amount above the limit",
    core: { amount_minor: 10_401 },
    local: {},
    told: ["AMOUNT above_limit"],
  },
  {
    name: "an amount below, above the limit",
    core: { amount_minor: 0 },
    local: { amount_minor: 10_001 },
    told: ["AMOUNT above_limit"],
  },
  {
    name: "whole units of a currency without minor ones",
    core: { currency: "JPY", amount_minor: 501 },
    local: { currency: "JPY" },
    told: ["AMOUNT above_limit"],
  },
  {
    name: "an amount below what was reversed here",
    core: { amount_minor: 100 },
    local: { reversed_minor: 200 },
    told: ["AMOUNT below_reversed", "STATUS mirror_ahead"],
  },
  {
    name: "a release that is not here",
    core: { status: "available" },
    local: {},
    told: ["STATUS advance"],
  },
  {
    name: "a release that is not there",
    core: {},
    local: { state: "available" },
    told: ["STATUS mirror_ahead"],
  },
  {
    name: "a reversal that is not here",
    core: reversals(100),
    local: {},
    told: ["STATUS advance"],
  },
  {
    name: "a reversal that is not there",
    core: {},
    local: { reversed_minor: 1 },
    told: ["STATUS mirror_ahead"],
  },
  {
    name: "a release here and a reversal there",
    core: reversals(100),
    local: { state: "available" },
    told: ["STATUS mirror_ahead"],
  },
  {
    name: "amount and reversal, both followed",
    core: { amount_minor: 500, ...reversals(450) },
    local: {},
    told: ["AMOUNT correct", "STATUS advance"],
  },
  {
    name: "a reversal of more than there is here, with an amount nobody corrects",
    core: { amount_minor: 50_000, ...reversals(450) },
    local: {},
    told: ["AMOUNT above_limit", "STATUS above_line"],
  },
  { name: "a date", core: { effective_ms: 5 }, local: {}, told: ["TIMING redate"] },
  {
    name: "a date in another open period",
    core: { effective_ms: 5, period_id: "2026-06" },
    local: {},
    closed: ["2026-05"],
    told: ["TIMING redate"],
  },
  {
    name: "a date that leads into a closed period",
    core: { effective_ms: 5, period_id: "2026-06" },
    local: {},
    closed: ["2026-06"],
    told: ["TIMING closed_period"],
  },
  {
    name: "a date that leads out of a closed period",
    core: { effective_ms: 5, period_id: "2026-06" },
    local: {},
    closed: ["2026-07"],
    told: ["TIMING closed_period"],
  },
  {
    name: "a date within a closed period",
    core: { effective_ms: PAST_MS + 5 },
    local: {},
    closed: ["2026-07"],
    told: ["TIMING redate"],
  },
  {
    name: "another currency, whose amounts are not compared",
    core: { currency: "EUR", amount_minor: 1, status: "available", effective_ms: 5 },
    local: {},
    told: ["CURRENCY never_automatic", "STATUS other_currency", "TIMING other_currency"],
  },
  {
    name: "everything but the currency, in its order",
    core: { amount_minor: 401, status: "available", effective_ms: 5 },
    local: {},
    told: ["AMOUNT correct", "STATUS advance", "TIMING redate"],
  },
];

describe("judge()", () => {
  test.each(CASES)("classes $name", ({ core, local, closed = [], told }) => {
    const { breaks, in_flight, alerts } = judged(
      core === undefined ? [] : [coreLine(core)],
      local === undefined ? [] : [localLine(local)],
      { closed: new Set(closed) },
    );
    expect(breaks.map(verdict)).toEqual(told);
    expect([in_flight, alerts]).toEqual([[], []]);
  });

  test("says what both sides have, by ids and amounts alone", () => {
    const [found] = judged([coreLine()], []).breaks;
    expect(found?.detail).toBe(
      "The core has 400 USD, reversed 0, held, of 2026-07-21T13:20:00.000Z; the mirror nothing",
    );
  });

  const young = NOW_MS - LIMITS.grace_ms + 1;
  test.each<{ name: string; core?: Partial<CoreLine>; local?: Partial<LocalLine>; young: number }>([
    { name: "young in the core", core: { updated_ms: young }, young: 1 },
    { name: "as old as the grace", core: { updated_ms: young - 1 }, young: 0 },
    { name: "of a clock a little ahead", core: { updated_ms: NOW_MS + 1000 }, young: 1 },
    { name: "of a clock that is wrong", core: { updated_ms: NOW_MS * 2 }, young: 0 },
    { name: "young here", local: { changed_ms: young }, young: 1 },
    { name: "young here by its date alone", local: { effective_ms: young }, young: 1 },
    {
      name: "old here though its date is not",
      local: { effective_ms: young, changed_ms: 0 },
      young: 0,
    },
    {
      name: "young on one side",
      core: { amount_minor: 1 },
      local: { changed_ms: young },
      young: 1,
    },
  ])("leaves alone what is $name", ({ core, local, young: count }) => {
    const found = judged(
      core === undefined ? [] : [coreLine(core)],
      local === undefined ? [] : [localLine(local)],
    );
    expect([found.in_flight.length, found.breaks.length]).toEqual([count, 1 - count]);
  });

  const missing = (count: number, given: Partial<CoreLine> = {}) =>
    Array.from({ length: count }, (_, i) => coreLine({ line_id: `L${i}`, ...given }));

  test("heals up to the run's limit of missing lines, and none beyond", () => {
    const verdicts = (count: number) => {
      const { breaks, alerts } = judged(missing(count), [localLine({ line_id: "X" })]);
      return [[...new Set(breaks.map(verdict))], alerts];
    };
    expect(verdicts(50)).toEqual([["MISSING_LOCAL backfill", "EXTRA_LOCAL waits_a_day"], []]);
    expect(verdicts(51)).toEqual([
      ["MISSING_LOCAL run_limit", "EXTRA_LOCAL waits_a_day"],
      [{ kind: "missing_local_limit", found: 51 }],
    ]);
  });

  const ofNobody = (count: number) =>
    missing(count).map((line) => ({ ...line, distributor_id: "N" }));
  const LEFT_ALONE: readonly {
    readonly name: string;
    readonly knownAs?: (one: JudgedBreak) => Partial<KnownBreak>;
    readonly context?: Partial<JudgeContext>;
    readonly told: string;
  }[] = [
    { name: "somebody has accepted", knownAs: () => ({ outcome: "accepted" }), told: "accepted" },
    { name: "the object refused", knownAs: () => ({ refused: true }), told: "refused" },
    {
      name: "a person has taken back for good",
      knownAs: ({ line_id }) => ({
        break_id: `EXTRA_LOCAL:N:${line_id}:0`,
        outcome: "resolved",
        reversed: { distributor_id: "N", line_id: line_id ?? "" },
      }),
      told: "reversed_for_good",
    },
    {
      name: "was sent in vain",
      knownAs: () => ({
        action: "backfill",
        sent: { first_ms: NOW_MS - 5 * HOUR_MS, last_ms: NOW_MS - 5 * HOUR_MS, times: 1 },
      }),
      told: "not_effective",
    },
    {
      name: "is of somebody who is frozen",
      context: { frozen: new Set(["N"]) },
      told: "frozen",
    },
    {
      name: "is of somebody whom nobody enrolled",
      context: { unknown: new Set(["N"]) },
      told: "distributor_unknown",
    },
  ];
  test.each(LEFT_ALONE)(
    "heals other lines beside many that $name",
    ({ knownAs, context, told }) => {
      const known = judged(ofNobody(60), []).breaks.map((one) => ({
        break_id: one.break_id,
        opened_ms: 7,
        outcome: null,
        ...knownAs?.(one),
      }));
      const found = (count: number) => {
        const given = { ...context, ...(knownAs && { known: knownOf(...known) }) };
        const { breaks, alerts } = judged([...ofNobody(60), ...missing(count)], [], given);
        const [one, other] = ["N", "B"].map((id) => [
          ...new Set(breaks.filter((of) => of.distributor_id === id).map(verdict)),
        ]);
        return { one, other, alerts };
      };
      expect(found(50)).toEqual({
        one: [`MISSING_LOCAL ${told}`],
        other: ["MISSING_LOCAL backfill"],
        alerts: [],
      });
      expect(found(51)).toMatchObject({
        other: ["MISSING_LOCAL run_limit"],
        alerts: [{ kind: "missing_local_limit", found: 51 }],
      });
    },
  );

  test("counts what was sent a moment ago: it is on its way", () => {
    const sent = { first_ms: NOW_MS - 1000, last_ms: NOW_MS - 1000, times: 1 };
    const known = knownOf(
      ...judged(missing(30), []).breaks.map(({ break_id }) => ({
        break_id,
        opened_ms: NOW_MS - 1000,
        outcome: null,
        sent,
      })),
    );
    expect(judged(missing(51), [], { known }).alerts).toMatchObject([{ found: 51 }]);
  });

  test("counts nothing that is in flight against the limit", () => {
    const flying = missing(30, { updated_ms: NOW_MS, distributor_id: "C" });
    expect(judged([...missing(50), ...flying], []).alerts).toEqual([]);
  });

  test("puts a line too many aside a day after it was found", () => {
    const [first] = judged([], [localLine()]).breaks;
    const found = (ageMs: number) => {
      const known = { break_id: first?.break_id ?? "", opened_ms: NOW_MS - ageMs, outcome: null };
      return judged([], [localLine()], { known: knownOf(known) }).breaks.map(verdict);
    };
    expect(found(SUSPENSE_AFTER_MS - 1)).toEqual(["EXTRA_LOCAL waits_a_day"]);
    expect(found(SUSPENSE_AFTER_MS)).toEqual(["EXTRA_LOCAL suspend"]);
  });
});

describe("judge() of lines that the core does not have", () => {
  const DUE_MS = NOW_MS - SUSPENSE_AFTER_MS;
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => localLine({ line_id: `X${i}` }));
  const found = (count: number) => judged([], lines(count)).breaks;
  const told = (
    count: number,
    knownAs: (one: JudgedBreak, i: number) => Partial<KnownBreak>,
    context: Partial<JudgeContext> = {},
  ) => {
    const known = knownOf(
      ...found(count).map((one, i) => ({
        break_id: one.break_id,
        opened_ms: DUE_MS,
        outcome: null,
        ...knownAs(one, i),
      })),
    );
    const { breaks, alerts } = judged([], lines(count), { known, ...context });
    return [[...new Set(breaks.map(verdict))], alerts];
  };
  const limit = (count: number) => [{ kind: "extra_local_limit", found: count }];

  test("puts as many aside as the run's limit, and none beyond", () => {
    expect(told(50, () => ({}))).toEqual([["EXTRA_LOCAL suspend"], []]);
    expect(told(51, () => ({}))).toEqual([["EXTRA_LOCAL run_limit"], limit(51)]);
  });

  test("counts those that wait for their day, and none that somebody has accepted", () => {
    expect(told(51, (_, i) => ({ opened_ms: i === 0 ? DUE_MS : NOW_MS }))).toEqual([
      ["EXTRA_LOCAL run_limit", "EXTRA_LOCAL waits_a_day"],
      limit(51),
    ]);
    expect(told(51, (_, i) => (i === 0 ? { outcome: "accepted" } : {}))).toEqual([
      ["EXTRA_LOCAL accepted", "EXTRA_LOCAL suspend"],
      [],
    ]);
  });

  test("counts none of somebody who is frozen: nothing of theirs is put aside", () => {
    const ofFrozen = lines(60).map((line) => ({ ...line, distributor_id: "F" }));
    const [one] = found(1);
    const known = knownOf({ break_id: one?.break_id ?? "", opened_ms: DUE_MS, outcome: null });
    const { breaks, alerts } = judged([], [...ofFrozen, ...lines(1)], {
      known,
      frozen: new Set(["F"]),
    });
    const ofB = breaks.filter(({ distributor_id }) => distributor_id === "B").map(verdict);
    expect([ofB, alerts]).toEqual([["EXTRA_LOCAL suspend"], []]);
  });

  test("goes on with what is on its way into suspense", () => {
    expect(told(51, () => ({ action: "suspend" }))).toEqual([["EXTRA_LOCAL suspend"], []]);
  });

  test("puts nothing aside that the core was not asked for", () => {
    expect(told(1, () => ({}), { isLookedUp: false })).toEqual([["EXTRA_LOCAL not_looked_up"], []]);
    expect(told(1, () => ({ opened_ms: NOW_MS }), { isLookedUp: false })).toEqual([
      ["EXTRA_LOCAL waits_a_day"],
      [],
    ]);
  });

  test("takes the counts of the whole run where it judges a part of it", () => {
    const counts = { missing: 51, extra: 51, due: 51 };
    expect(judged([coreLine()], [], { counts }).breaks.map(verdict)).toEqual([
      "MISSING_LOCAL run_limit",
    ]);
    expect(told(1, () => ({}), { counts })[0]).toEqual(["EXTRA_LOCAL run_limit"]);
    const parts = [lines(1), lines(2)].map((of) =>
      countDifferences(differ([coreLine()], of).differences, contextOf()),
    );
    expect(parts).toEqual([
      { missing: 1, extra: 1, due: 0 },
      { missing: 1, extra: 2, due: 0 },
    ]);
  });

  test("brings back what was put aside and the core has again, up to the limit of missing ones", () => {
    const [aside] = judged([], [localLine()]).breaks;
    const known = knownOf({
      break_id: aside?.break_id ?? "",
      opened_ms: 7,
      outcome: null,
      action: "suspend",
      put_aside: { distributor_id: "B", line_id: "L1" },
    });
    const back = (missing: number) =>
      judged([coreLine()], [], { known, counts: { missing, extra: 0, due: 0 } }).breaks;
    expect(back(50).map(verdict)).toEqual(["MISSING_LOCAL backfill"]);
    // One break is left to a person: the one by which its money lies in suspense.
    expect(back(51)).toMatchObject([
      { break_id: aside?.break_id, opened_ms: 7, is_new: false, action: "suspend" },
    ]);
    expect(back(51).map(verdict)).toEqual(["EXTRA_LOCAL run_limit"]);
    expect(back(51).flatMap(healingEvents)).toEqual([]);
  });
});

test("what changed since a run began is in flight, however long the run has taken", () => {
  const settledMs = NOW_MS - 3_600_000;
  const found = (changedMs: number) => {
    const late = localLine({ effective_ms: NOW_MS - 7_200_000, changed_ms: changedMs });
    const { breaks, in_flight } = judged([], [late], { settledMs });
    return [breaks.length, in_flight.length];
  };
  expect(found(settledMs - 1)).toEqual([1, 0]);
  expect(found(settledMs)).toEqual([0, 1]);
  expect(found(NOW_MS)).toEqual([0, 1]);
  // A clock that is far ahead hides nothing.
  expect(found(NOW_MS + 7_200_000)).toEqual([1, 0]);
});

describe("judge() with breaks that are known", () => {
  const [first] = judged([coreLine()], []).breaks;
  const id = first?.break_id ?? "";
  const again = (...known: readonly KnownBreak[]) =>
    judged([coreLine()], [], { known: knownOf(...known) }).breaks.map((found) => [
      found.break_id,
      found.opened_ms,
      found.is_new,
      verdict(found),
    ]);

  test("finds a new one now", () => {
    expect(first).toMatchObject({ opened_ms: NOW_MS, is_new: true });
  });

  test("finds an open one again under its id, as old as it is", () => {
    expect(again({ break_id: id, opened_ms: 7, outcome: null })).toEqual([
      [id, 7, false, "MISSING_LOCAL backfill"],
    ]);
  });

  test("finds its own for the first time still, where it died and judges again", () => {
    const known = { break_id: id, opened_ms: 7, outcome: null, run_id: "recon_1" };
    const found = (runId: string) =>
      judged([coreLine()], [], { known: knownOf(known), runId }).breaks.map((one) => one.is_new);
    expect(found("recon_1")).toEqual([true]);
    expect(found("recon_2")).toEqual([false]);
  });

  test("does nothing about what somebody has accepted, or what the object refused", () => {
    expect(again({ break_id: id, opened_ms: 7, outcome: "accepted" })).toEqual([
      [id, 7, false, "MISSING_LOCAL accepted"],
    ]);
    expect(again({ break_id: id, opened_ms: 7, outcome: null, refused: true })).toEqual([
      [id, 7, false, "MISSING_LOCAL refused"],
    ]);
  });

  test("takes what has come back for another break, whose correction is another one", () => {
    const healed = { break_id: id, opened_ms: 7, outcome: "healed" } as const;
    expect(again(healed)).toEqual([[`${id}~2`, NOW_MS, true, "MISSING_LOCAL backfill"]]);
    const open = { break_id: `${id}~2`, opened_ms: 8, outcome: null };
    expect(again(healed, open)).toEqual([[`${id}~2`, 8, false, "MISSING_LOCAL backfill"]]);
    const gone = { break_id: `${id}~2`, opened_ms: 8, outcome: "gone" } as const;
    expect(again(healed, gone)).toEqual([[`${id}~3`, NOW_MS, true, "MISSING_LOCAL backfill"]]);
  });
});

describe("judge() of what was sent before, and is there all the same", () => {
  const [first] = judged([coreLine()], []).breaks;
  const id = first?.break_id ?? "";
  const found = (nowMs: number, sent: Sent, more: Partial<JudgeContext> = {}) => {
    const action = "backfill" as const;
    const known = knownOf({ break_id: id, opened_ms: NOW_MS, outcome: null, action, sent });
    return judged([coreLine()], [], { known, nowMs, settledMs: nowMs - LIMITS.grace_ms, ...more })
      .breaks;
  };
  const minutes = (count: number) => NOW_MS + count * 60_000;
  const sentOnce = { first_ms: NOW_MS, last_ms: NOW_MS, times: 1 };

  test("says when it is sent for the first time", () => {
    expect(first?.sent).toEqual(sentOnce);
    expect(first?.is_paused).toBeUndefined();
  });

  test("is on its way for the grace, and has no effect afterwards", () => {
    const told = (nowMs: number, more: Partial<JudgeContext> = {}) => {
      const breaks = found(nowMs, sentOnce, more);
      const { healed, open } = reportOf(breaks);
      return [...breaks.map(verdict), healed, open, breaks.flatMap(healingEvents).length];
    };
    expect(told(minutes(15))).toEqual(["MISSING_LOCAL backfill", 1, 0, 1]);
    expect(told(minutes(16))).toEqual(["MISSING_LOCAL not_effective", 0, 1, 0]);
    expect(told(minutes(59))).toEqual(["MISSING_LOCAL not_effective", 0, 1, 0]);
    expect(told(minutes(60))).toEqual(["MISSING_LOCAL not_effective", 0, 1, 1]);
    // A run whose own grace is longer.
    expect(told(minutes(16), { settledMs: NOW_MS })).toEqual(["MISSING_LOCAL backfill", 1, 0, 1]);
  });

  test("keeps what was sent while nothing is done about it", () => {
    const [one] = found(minutes(60), sentOnce, { counts: { missing: 51, extra: 0, due: 0 } });
    expect(one).toMatchObject({ action: "none", why: "run_limit", sent: sentOnce });
  });

  test("sends nothing to a distributor that is frozen", () => {
    const frozen = new Set(["B"]);
    const [fresh] = judged([coreLine()], [], { frozen }).breaks;
    expect(fresh).toMatchObject({ action: "none", why: "frozen" });
    expect(fresh?.sent).toBeUndefined();
    const breaks = found(minutes(60), sentOnce, { frozen });
    expect(breaks).toMatchObject([{ action: "none", why: "frozen", sent: sentOnce }]);
    expect(breaks.flatMap(healingEvents)).toEqual([]);
    expect(judged([coreLine()], [], { frozen: new Set(["C"]) }).breaks.map(verdict)).toEqual([
      "MISSING_LOCAL backfill",
    ]);
    const [waiting] = judged([], [localLine()], { frozen }).breaks;
    expect(waiting).toMatchObject({ action: "none", why: "waits_a_day" });
  });

  test("leaves what is being put aside to nobody else where its distributor is frozen", () => {
    const [extra] = judged([], [localLine()]).breaks;
    const known = knownOf({
      break_id: extra?.break_id ?? "",
      opened_ms: NOW_MS - 25 * HOUR_MS,
      outcome: null,
      action: "suspend",
    });
    const { breaks } = judged([], [localLine()], { known, frozen: new Set(["B"]) });
    expect(breaks).toMatchObject([{ action: "suspend", why: "frozen" }]);
    expect(breaks.flatMap(healingEvents)).toEqual([]);
  });
});

test("judge() brings nothing back that a person has taken back for good", () => {
  const reversed = { distributor_id: "B", line_id: "L1" };
  const known = knownOf({
    break_id: "EXTRA_LOCAL:B:L1:0",
    opened_ms: 7,
    outcome: "resolved",
    reversed,
  });
  const { breaks } = judged([coreLine(), coreLine({ line_id: "L2" })], [], { known });
  expect(breaks.map(verdict)).toEqual([
    "MISSING_LOCAL reversed_for_good",
    "MISSING_LOCAL backfill",
  ]);
});

test("isYoung() is true within the grace, whichever way the clocks differ", () => {
  expect([isYoung(9, 10, 2), isYoung(8, 10, 2), isYoung(13, 10, 2)]).toEqual([true, false, false]);
});
