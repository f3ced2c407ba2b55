import { describe, expect, test } from "vitest";
import { judgeAnswer, judgeState, sayUnbelieved } from "#src/core/reconciliation/core-state.ts";

const KNOWN = { core: "a", epoch: 4, seq: "100" };

describe("judgeState()", () => {
  test.each([
    {
      name: "the first answer is no news, whatever it says",
      known: undefined,
      told: { core: "a", epoch: 9, asOfSeq: "7" },
      state: { core: "a", epoch: 9, seq: "7" },
    },
    {
      name: "the same again",
      told: { core: "a", epoch: 4, asOfSeq: "100" },
      state: KNOWN,
    },
    {
      name: "a later change, of more digits than a number has",
      told: { core: "a", epoch: 4, asOfSeq: "90071992547409931" },
      state: { ...KNOWN, seq: "90071992547409931" },
    },
    {
      name: "a later change, with something still to be looked at",
      known: { ...KNOWN, due: "balances" as const },
      told: { core: "a", epoch: 4, asOfSeq: "101" },
      state: { ...KNOWN, seq: "101", due: "balances" },
    },
    {
      name: "the next epoch: change numbers begin anew, and all lines are due",
      known: { ...KNOWN, due: "balances" as const },
      told: { core: "a", epoch: 5, asOfSeq: "3" },
      state: { core: "a", epoch: 5, seq: "3", due: "lines" },
    },
    {
      name: "another core, whatever it says; what was to be looked at is so still",
      known: { ...KNOWN, due: "lines" as const },
      told: { core: "b", epoch: 0, asOfSeq: "1" },
      state: { core: "b", epoch: 0, seq: "1", due: "lines" },
    },
    {
      name: "a core that was kept before cores had names",
      known: { epoch: 4 },
      told: { core: "a", epoch: 4, asOfSeq: "1" },
      state: { core: "a", epoch: 4, seq: "1" },
    },
    {
      name: "an answer that is looked at for its epoch alone",
      told: { epoch: 4 },
      state: KNOWN,
    },
    {
      name: "… and tells the next one",
      told: { epoch: 5 },
      state: { core: "a", epoch: 5, due: "lines" },
    },
    {
      name: "an earlier epoch that a person has accepted",
      told: { core: "a", epoch: 0, asOfSeq: "5", accepted: 0 },
      state: { core: "a", epoch: 0, seq: "5", due: "lines" },
    },
    {
      name: "an earlier change that a person has accepted",
      told: { core: "a", epoch: 4, asOfSeq: "5", accepted: 4 },
      state: { core: "a", epoch: 4, seq: "5", due: "lines" },
    },
  ])("believes $name", ({ known = KNOWN, told, state, name }) => {
    const before = name.startsWith("the first") ? undefined : known;
    expect(judgeState(before, told)).toEqual({ noted: { kind: "believed" }, state });
  });

  test.each([
    { told: { core: "a", epoch: 3, asOfSeq: "999" }, noted: { kind: "epoch_fell", epoch: 4 } },
    { told: { core: "a", epoch: 6, asOfSeq: "1" }, noted: { kind: "epoch_jumped", epoch: 4 } },
    { told: { core: "a", epoch: 4, asOfSeq: "99" }, noted: { kind: "seq_fell", seq: "100" } },
    { told: { core: "a", epoch: 4, asOfSeq: "0" }, noted: { kind: "seq_fell", seq: "100" } },
    { told: { epoch: 3 }, noted: { kind: "epoch_fell", epoch: 4 } },
    {
      told: { core: "a", epoch: 3, asOfSeq: "1", accepted: 2 },
      noted: { kind: "epoch_fell", epoch: 4 },
    },
  ])("does not believe $told, and keeps nothing of it", ({ told, noted }) => {
    expect(judgeState(KNOWN, told)).toEqual({ noted });
  });
});

test("sayUnbelieved() says what was told, what before, and what a person can do", () => {
  const told = { epoch: 6, asOfSeq: "7" };
  expect(sayUnbelieved({ kind: "epoch_fell", epoch: 8 }, told)).toBe(
    "The core answers in epoch 6, and was in 8 before. If that is right, start a run with accept_epoch 6",
  );
  expect(sayUnbelieved({ kind: "epoch_jumped", epoch: 4 }, told)).toContain(
    "a restore is one epoch",
  );
  expect(sayUnbelieved({ kind: "seq_fell", seq: "9" }, told)).toBe(
    "The core answers as of change 7 of epoch 6, and was at 9 before. If that is right, start a run with accept_epoch 6",
  );
});

describe("judgeAnswer()", () => {
  test.each([
    { name: "a later change is not kept", told: { core: "a", epoch: 4, asOfSeq: "101" } },
    { name: "nor is another core", told: { core: "b", epoch: 5, asOfSeq: "1" } },
    {
      name: "of the next epoch all lines are due, and the known one stays",
      told: { core: "a", epoch: 5, asOfSeq: "1" },
      state: { ...KNOWN, due: "lines", told: 5 },
    },
    {
      name: "… whatever was to be looked at, and whether cores have names",
      known: { epoch: 4, due: "balances" as const },
      told: { epoch: 5 },
      state: { epoch: 4, due: "lines", told: 5 },
    },
  ])("$name", ({ known = KNOWN, told, state }) => {
    const judged = judgeAnswer(known, told);
    expect(judged).toEqual({ noted: { kind: "believed" }, ...(state && { state }) });
  });

  test("the first one is believed, and kept by nobody", () => {
    const judged = judgeAnswer(undefined, { core: "a", epoch: 5, asOfSeq: "7" });
    expect(judged).toEqual({ noted: { kind: "believed" } });
  });

  test.each([
    { told: { core: "a", epoch: 4, asOfSeq: "99" }, noted: { kind: "seq_fell", seq: "100" } },
    { told: { core: "a", epoch: 3 }, noted: { kind: "epoch_fell", epoch: 4 } },
    { told: { core: "a", epoch: 6 }, noted: { kind: "epoch_jumped", epoch: 4 } },
  ])("is not believed where a run's would not be: $noted.kind", ({ told, noted }) => {
    expect(judgeAnswer(KNOWN, told)).toEqual({ noted });
  });
});
